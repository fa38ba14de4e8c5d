// One school back from its dump: in its place, or beside it.
export { besideSteps, restoreBeside, restoreBesideWith } from "./beside.ts";
export * as Restore from "./index.ts";
export { type Restored, restore, restoreSteps, restoreWith } from "./restore.ts";
