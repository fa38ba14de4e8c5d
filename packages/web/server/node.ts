// Stands in for `@remix-run/node` in the bundle of the deployed server (infra/web.ts), so that SST's wrapper serves the site
// through our own handler and door. By path: the package's name means this file there.
import type { RequestHandler, ServerBuild } from "../../../node_modules/@remix-run/node/dist/index.js";
import { behindEdge } from "./door.ts";
import { createSiteHandler } from "./handler.ts";

export * from "../../../node_modules/@remix-run/node/dist/index.js";

export const createRequestHandler = (build: ServerBuild): RequestHandler =>
  behindEdge(createSiteHandler(build, "production"));
