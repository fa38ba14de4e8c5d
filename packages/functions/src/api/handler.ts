import { handle } from "hono/aws-lambda";
import { app } from "./index.ts";

/** Events of API Gateway (payload 2.0) and of function addresses. */
export const handler = handle(app());
