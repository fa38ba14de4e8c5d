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

/** The API: a Hono app made on first use. Answers /api/*, /health and /health/ready for any host. */
export function app(): Hono<Env> {
  made ??= createApp(endpoints);
  return made;
}

/** The OpenAPI 3.1 document. */
export const document = (): unknown => JSON.parse(documentOf(endpoints));

/** What is wrong with the declared routes; empty when all is well. `npm run check` prints it. */
export const findings = (of: readonly Endpoint[] = endpoints): string[] =>
  findingsOf(of, (of === endpoints ? app() : createApp(of)).routes);

export * as Api from "./index.ts";
