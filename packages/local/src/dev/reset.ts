import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lock } from "../cloud/state.ts";
import { removeData } from "../postgres/index.ts";
import { isRecord, readJson } from "../util/files.ts";

/** Everything the local cloud puts into a data directory, the settings last: they show that it is one. */
const ours = [
  "running.json",
  "demo.json",
  "logs",
  "postgres",
  "dynamodb",
  "sqs",
  "s3",
  "ses",
  "eventbridge",
  "settings.json",
];

/**
 * Empties a data directory of what is ours; anything else in it stays, and a folder that is no data directory is left
 * alone. @throws StartError while the local cloud is running on it
 */
export function reset(dataDir: string): void {
  const settings = existsSync(join(dataDir, "settings.json")) ? readJson(join(dataDir, "settings.json")) : undefined;
  if (!isRecord(settings) || !isRecord(settings.secrets)) return;
  const unlock = lock(dataDir);
  try {
    removeData(dataDir);
    for (const name of ours) rmSync(join(dataDir, name), { recursive: true, force: true });
  } finally {
    unlock();
  }
}
