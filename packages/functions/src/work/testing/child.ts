import { flushCompileCache } from "node:module";
import { kill, pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { dispatch } from "../../cron/jobs/dispatch.ts";
import { observeSteps } from "../../event/steps.ts";
import { pump } from "../../event/testing/queues.ts";
import { schoolWork } from "../queue.ts";

// Dispatcher and worker in one process, which dies with SIGKILL at one named step: `child.ts <step>`. Ends when there is
// nothing to do.

flushCompileCache(); // Node writes it when a process exits, and a killed one never does.

const [, , at = "never"] = process.argv;
observeSteps(async (step) => {
  if (step !== at) return;
  kill(pid, "SIGKILL");
  await sleep(60_000); // the signal is on its way
});
for (let quiet = 0; quiet < 10; ) {
  await dispatch();
  quiet = (await pump(schoolWork, { atOnce: 1 })) === 0 ? quiet + 1 : 0;
  await sleep(quiet === 0 ? 0 : 40);
}
process.exit(0);
