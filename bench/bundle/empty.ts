// A Hono function that asks nobody for anything: what a cold start costs before it does any work.
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";

export const handler = handle(new Hono().get("*", (c) => c.json({})));
