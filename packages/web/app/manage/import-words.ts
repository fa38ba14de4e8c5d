import { studio } from "../messages/en/studio.ts";

export const importWord = {
  waiting: studio("importWaiting"),
  queued: studio("importQueued"),
  running: studio("importRunning"),
  done: studio("importDone"),
  failed: studio("importFailed"),
  undone: studio("importUndone"),
} as const;

export const importTone = {
  waiting: "neutral",
  queued: "info",
  running: "info",
  done: "success",
  failed: "danger",
  undone: "neutral",
} as const;
