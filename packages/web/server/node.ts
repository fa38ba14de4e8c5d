// Stands in for `@remix-run/node` in the bundle of the deployed server (scripts/build-web.ts), so that SST's wrapper serves
// the site through our own handler and door. Of the package it has what the site uses: the rest of it is another fetch and
// another HTTP client, which every cold start would read. By path: the package's name means this file there.
import type { RequestHandler, ServerBuild } from "@remix-run/server-runtime";
import { behindEdge } from "./door.ts";
import { createSiteHandler } from "./handler.ts";

export * from "@remix-run/server-runtime";
export { createReadableStreamFromReadable } from "../../../node_modules/@remix-run/node/dist/stream.js";

export const createRequestHandler = (build: ServerBuild): RequestHandler =>
  behindEdge(createSiteHandler(build, "production"));
