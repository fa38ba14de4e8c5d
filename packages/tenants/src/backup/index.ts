// A logical dump of each school every night, and one school back from it.
export { besideSteps, restoreBeside, restoreBesideWith } from "./beside.ts";
export { type Dumped, dump } from "./dump.ts";
export { type Found, find, verify } from "./find.ts";
export type { Manifest } from "./format.ts";
export * as Backup from "./index.ts";
export { type Nightly, nightly } from "./nightly.ts";
export { type Restored, restore, restoreSteps, restoreWith } from "./restore.ts";
