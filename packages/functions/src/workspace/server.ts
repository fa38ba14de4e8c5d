import { serve } from "@hono/node-server";
import { log } from "@lectern/core/kernel/log";
import { importHere, workspace } from "./app.ts";
import { sweep } from "./drive/folder.ts";

// The container's program: the service, or with `import <school> <import>` one import.
const drive = process.env.LECTERN_DRIVE ?? "/drive";
const [what, schoolId = "", importId = ""] = process.argv.slice(2);
if (what === "import") {
  await importHere(schoolId, importId);
  process.exit(0);
}

// The load balancer removes a task before SIGTERM; the task finishes its work.
const { app, idle } = workspace({ drive });
const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8080) }, ({ port }) => {
  log.info({ port }, "workspace listens");
});
const hourly = setInterval(() => void tidy(), 60 * 60_000);

async function tidy(): Promise<void> {
  try {
    await sweep(drive);
  } catch (err) {
    log.error({ err }, "the drive could not be swept");
  }
}

let isEnding = false;
function end(): void {
  if (isEnding) return;
  isEnding = true;
  clearInterval(hourly);
  server.close(async () => {
    await idle();
    process.exit(0);
  });
}
process.once("SIGTERM", end);
process.once("SIGINT", end);
