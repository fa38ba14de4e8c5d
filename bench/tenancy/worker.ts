// Runs one bench of packages/tenants in its own process and sends its lines to the parent.
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
