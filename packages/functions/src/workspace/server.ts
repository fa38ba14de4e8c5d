import { serve } from "@hono/node-server";
import { log } from "@lectern/core/kernel/log";
import { workspace } from "./app.ts";

// The container's program. The balancer takes a task out before it is told to end; what it works on then is finished.
const { app, idle } = workspace({ drive: process.env.LECTERN_DRIVE ?? "/drive" });
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8080) }, ({ port }) => {
  log.info({ port }, "workspace listens");
});

let isEnding = false;
function end(): void {
  if (isEnding) return;
  isEnding = true;
  server.close(async () => {
    await idle();
    process.exit(0);
  });
}
process.once("SIGTERM", end);
process.once("SIGINT", end);
