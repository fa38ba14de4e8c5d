// Restores one school from its dump: in place, as a new school, or in another cell.
export { besideSteps, restoreBeside, restoreBesideWith } from "./beside.ts";
export * as Restore from "./index.ts";
export { type Moved, move, moveSteps, moveWith } from "./move.ts";
export { type Restored, restore, restoreSteps, restoreWith } from "./restore.ts";
