import { Edge } from "@lectern/core/kernel/edge";
import { handle } from "hono/aws-lambda";
import { auth } from "./app.tsx";

/** Handles API Gateway (payload 2.0) and function URL events, as the edge sends them. */
export const handler = Edge.behind(handle(auth));
