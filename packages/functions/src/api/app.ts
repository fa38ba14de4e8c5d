import type { OpenAPIHono } from "@hono/zod-openapi";
import { Health } from "../health/index.ts";
import { send } from "./answer.ts";
import type { Env } from "./context.ts";
import { serveDocument, serveReference } from "./docs.ts";
import { basePath, domainApp } from "./domain-app.ts";
import type { Endpoint } from "./endpoint.ts";
import { mountInternal } from "./internal.ts";
import { serveMetrics } from "./metrics.ts";

export { basePath } from "./domain-app.ts";

/** The whole API: the given operations, and what the house itself asks. */
export function createApp(endpoints: readonly Endpoint[]): OpenAPIHono<Env> {
  return domainApp(endpoints, (app) => {
    app.get("/health", (c) => send(c, JSON.stringify(Health.live()), { status: 200 }));
    app.get("/health/ready", async (c) => {
      const state = await Health.ready();
      return send(c, JSON.stringify(state), { status: state.status === "ready" ? 200 : 503 });
    });
    app.get("/metrics", serveMetrics);
    mountInternal(app);
    app.get(`${basePath}/openapi.json`, (c) => serveDocument(c, app));
    app.get("/api/docs", (c) => serveReference(c, app));
  });
}
