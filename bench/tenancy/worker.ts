// One bench of packages/tenants, in a process of its own. Sends its lines to whoever started it.
import type { Line } from "../run.ts";
import { migrate } from "./migrate.ts";
import { open } from "./open.ts";
import { provision } from "./provision.ts";
import { read } from "./read.ts";

const all = { read, open, provision, migrate };
const bench = all[process.argv[2] as keyof typeof all];
const emit = (line: Line): void => {
  process.send?.(line);
};
await bench(emit);
process.disconnect();
process.exit(0);
