export { allowsOrigin, type Holder, resolve } from "./holder.ts";
export * as ApiKey from "./index.ts";
export { ApiKeyInfo, create, expiries, list, revoke } from "./keys.ts";
export { scopes } from "./scopes.ts";
export { isKeyText } from "./text.ts";
