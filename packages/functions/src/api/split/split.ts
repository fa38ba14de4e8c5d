import { Edge } from "@lectern/core/kernel/edge";
import { handle } from "hono/aws-lambda";
import { domainApp } from "../domain-app.ts";
import type { Endpoint } from "../endpoint.ts";

/** What lies below a path of the API, of these operations. */
export const below = (path: string, endpoints: readonly Endpoint[]): readonly Endpoint[] =>
  endpoints.filter((each) => each.path === path || each.path.startsWith(`${path}/`));

/** A function for the operations below one path: as the API's own handler, with nothing else of the API in its bundle. */
export const serve = (path: string, ...endpoints: (readonly Endpoint[])[]) =>
  Edge.behind(handle(domainApp(below(path, endpoints.flat()))));
