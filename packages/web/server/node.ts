// Replaces `@remix-run/node` in the bundle of the deployed server (scripts/build-web.ts), so that SST's wrapper uses
// our handler and door. It exports only what the site uses; the rest of the package would add a fetch and an HTTP
// client to every cold start. Imports use paths, because the package's name resolves to this file there.
import type { RequestHandler, ServerBuild } from "@remix-run/server-runtime";
import { behindEdge } from "./door.ts";
import { createSiteHandler } from "./handler.ts";

export * from "@remix-run/server-runtime";
export { createReadableStreamFromReadable } from "../../../node_modules/@remix-run/node/dist/stream.js";

export const createRequestHandler = (build: ServerBuild): RequestHandler =>
  behindEdge(createSiteHandler(build, "production"));
