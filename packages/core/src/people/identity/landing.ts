import { pathTo } from "../../kernel/path/index.ts";
import type { Role } from "../../kernel/permission/roles.ts";

/** Returns the page where a person works, the default destination of signing in. */
export function startPageOf(roles: readonly Role[]): string {
  const has = (...some: readonly Role[]): boolean => some.some((role) => roles.includes(role));
  if (has("owner", "admin")) return pathTo.admin();
  if (has("instructor", "assistant")) return pathTo.studio();
  return has("moderator", "billing") ? pathTo.admin() : pathTo.learning();
}
