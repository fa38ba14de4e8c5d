// The one zod of the API: importing it here makes sure that every schema knows `.openapi`.
export { z } from "@hono/zod-openapi";
