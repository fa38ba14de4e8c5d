import { Edge } from "@lectern/core/kernel/edge";
import { handle } from "hono/aws-lambda";
import { domainApp } from "../domain-app.ts";
import { below, type Endpoint } from "../endpoint.ts";

/** A function for the operations below one path: as the API's own handler, with nothing else of the API in its bundle. */
export const serve = (path: string, ...endpoints: (readonly Endpoint[])[]) =>
  Edge.behind(handle(domainApp(below(path, endpoints.flat()))));
