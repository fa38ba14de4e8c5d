import { flushCompileCache } from "node:module";
import { drain } from "../relay.ts";

// A relay that runs again and again until it is killed: `relays.ts`. Says over its channel that it has begun.

flushCompileCache(); // Else it is written at the end of a process, and these have none.

process.on("disconnect", () => process.exit(0));
await drain().catch(() => {});
process.send?.("begun");
for (;;) await drain().catch(() => {}); // a lost connection, as after another relay's death
