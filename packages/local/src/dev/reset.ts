import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lock } from "../cloud/state.ts";
import { removeData } from "../postgres/index.ts";
import { isRecord, readJson } from "../util/files.ts";

/** Everything the local cloud writes into a data directory. The settings come last because they identify one. */
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
 * Deletes the local cloud's files from a data directory and keeps all others; a folder without settings stays
 * untouched. @throws StartError while the local cloud uses it
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
