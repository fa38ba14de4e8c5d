import type { Endpoint } from "./endpoint.ts";
import { pathParams } from "./schema.ts";

const basePath = "/api/v1";

/**
 * Returns route errors that types cannot express; the check and a test require none. `routes` are Hono's own, to find
 * undeclared handlers.
 */
export function findingsOf(
  endpoints: readonly Endpoint[],
  routes: readonly { readonly method: string; readonly path: string }[],
): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (const route of endpoints) {
    const say = (what: string) => found.push(`${route.name}: ${what}`);
    if (seen.has(route.name)) say("is declared twice");
    seen.add(route.name);
    if (!permissionText(route.permission)) say("names no permission");
    if (permissionText(route.permission) !== permissionText(route.calls.policy)) {
      say(
        `declares ${permissionText(route.permission)}, but calls a function that asks ${permissionText(route.calls.policy)}`,
      );
    }
    if (!route.rateLimit?.bucket || !(route.rateLimit.max > 0)) say("names no rate limit");
    for (const name of route.params) if (!(name in pathParams)) say(`has an unknown path parameter {${name}}`);
    if (route.method === "get" && route.body) say("reads with a body");
  }
  const declared = new Set(
    endpoints.map((route) => `${route.method.toUpperCase()} ${basePath}${route.path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
  );
  for (const { method, path } of routes) {
    if (method === "ALL" || method === "OPTIONS" || !path.startsWith(`${basePath}/`)) continue;
    if (path === `${basePath}/openapi.json`) continue;
    if (!declared.has(`${method} ${path}`)) found.push(`${method} ${path}: is not declared through endpoint()`);
  }
  return found;
}

/** Returns a permission's name, or the reason for having none. */
function permissionText(permission: unknown): string {
  if (typeof permission === "string") return permission;
  if (typeof permission === "object" && permission !== null && "none" in permission && permission.none) return "none";
  return "";
}
