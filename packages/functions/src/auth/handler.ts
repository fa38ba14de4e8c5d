import { handle } from "hono/aws-lambda";
import { auth } from "./app.tsx";

/** Events of API Gateway (payload 2.0) and of function addresses. */
export const handler = handle(auth);
