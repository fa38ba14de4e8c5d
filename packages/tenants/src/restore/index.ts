// One school back from its dump: in its place, or beside it; and by the same way into another cell.
export { besideSteps, restoreBeside, restoreBesideWith } from "./beside.ts";
export * as Restore from "./index.ts";
export { type Moved, move, moveSteps, moveWith } from "./move.ts";
export { type Restored, restore, restoreSteps, restoreWith } from "./restore.ts";
