import { flushCompileCache } from "node:module";
import { kill, pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { reactions } from "../reactions.ts";
import { drain } from "../relay.ts";
import { observeSteps } from "../steps.ts";
import { pump } from "./queues.ts";

// A worker that dies with SIGKILL at one named step: `child.ts <step> [reaction to leave alone]`. Ends when there is nothing to do.

flushCompileCache(); // Else it is written at the end of a process, and these have none.

const [, , at = "never", without] = process.argv;
const mine = reactions.filter(({ name }) => name !== without);
observeSteps(async (step) => {
  if (step !== at) return;
  kill(pid, "SIGKILL");
  await sleep(60_000); // the signal is on its way
});
for (let quiet = 0; quiet < 15; ) {
  const published = await drain();
  const taken = await Promise.all(mine.map((reaction) => pump(reaction)));
  quiet = published + taken.reduce((sum, n) => sum + n, 0) === 0 ? quiet + 1 : 0;
  await sleep(40);
}
process.exit(0);
