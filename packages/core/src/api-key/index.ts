export { allowsOrigin, type Holder, resolve } from "./holder.ts";
export * as ApiKey from "./index.ts";
export { ApiKeyInfo, create, expiries, list, revoke, scopes } from "./keys.ts";
export { isKeyText } from "./text.ts";
