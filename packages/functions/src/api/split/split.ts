import { Edge } from "@lectern/core/kernel/edge";
import { handle } from "hono/aws-lambda";
import { domainApp } from "../domain-app.ts";
import { below, type Endpoint } from "../endpoint.ts";

/** Returns a handler for the operations below one path, like the API's own but with nothing else in its bundle. */
export const serve = (path: string, ...endpoints: (readonly Endpoint[])[]) =>
  Edge.behind(handle(domainApp(below(path, endpoints.flat()))));
