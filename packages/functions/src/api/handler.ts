import { Edge } from "@lectern/core/kernel/edge";
import { handle } from "hono/aws-lambda";
import { app } from "./index.ts";

/** Events of API Gateway (payload 2.0) and of function addresses, as the edge sends them. */
export const handler = Edge.behind(handle(app()));
