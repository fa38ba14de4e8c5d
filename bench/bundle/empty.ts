// A Hono function without any call: the cost of a cold start before it does work.
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";

export const handler = handle(new Hono().get("*", (c) => c.json({})));
