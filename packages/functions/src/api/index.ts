import type { Hono } from "hono";
import { createApp } from "./app.ts";
import { findingsOf } from "./checks.ts";
import type { Env } from "./context.ts";
import { documentOf } from "./document.ts";
import type { Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";

export { basePath } from "./app.ts";
export { findingsOf } from "./checks.ts";
export type { Endpoint } from "./endpoint.ts";
export { endpoints } from "./endpoints.ts";

let made: Hono<Env> | undefined;

/** Returns the API's Hono app, created on first use. It serves /api/*, /health and /health/ready for any host. */
export function app(): Hono<Env> {
  made ??= createApp(endpoints);
  return made;
}

/** Returns the OpenAPI 3.1 document. */
export const document = (): unknown => JSON.parse(documentOf(endpoints));

/** Returns the errors in declared routes; `npm run check` prints them. */
export const findings = (of: readonly Endpoint[] = endpoints): string[] =>
  findingsOf(of, (of === endpoints ? app() : createApp(of)).routes);

export * as Api from "./index.ts";
