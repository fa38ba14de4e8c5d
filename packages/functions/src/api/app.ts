import type { Hono } from "hono";
import { Health } from "../health/index.ts";
import { send } from "./answer.ts";
import type { Env } from "./context.ts";
import { basePath, domainApp } from "./domain-app.ts";
import type { Endpoint } from "./endpoint.ts";
import { mountInternal } from "./internal.ts";
import { serveMetrics } from "./metrics.ts";

export { basePath } from "./domain-app.ts";

/** Returns an API of the given operations plus the platform's own endpoints. */
export function createApp(endpoints: readonly Endpoint[]): Hono<Env> {
  return domainApp(endpoints, (app) => {
    app.get("/health", (c) => send(c, JSON.stringify(Health.live()), { status: 200 }));
    app.get("/health/ready", async (c) => {
      const state = await Health.ready();
      return send(c, JSON.stringify(state), { status: state.status === "ready" ? 200 : 503 });
    });
    app.get("/metrics", serveMetrics);
    mountInternal(app);
    // Both describe every operation, even where this app has only some.
    app.get(`${basePath}/openapi.json`, async (c) => (await import("./docs.ts")).serveDocument(c));
    app.get("/api/docs", async (c) => (await import("./docs.ts")).serveReference(c));
  });
}
