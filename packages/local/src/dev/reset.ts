import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { lock } from "../cloud/state.ts";
import { removeData } from "../postgres/index.ts";
import { StartError } from "../util/part.ts";

/** Everything the local cloud puts into a data directory. */
const ours = new Set([
  "settings.json",
  "running.json",
  "demo.json",
  "lock",
  "logs",
  "postgres",
  "dynamodb",
  "sqs",
  "s3",
  "ses",
  "eventbridge",
]);

/** Empties a data directory. A folder with anything else in it is left alone. @throws StartError */
export function reset(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  const found = readdirSync(dataDir);
  const strange = found.find((name) => !ours.has(name) && !name.startsWith("settings.json."));
  if (strange) {
    throw new StartError(`${dataDir} holds ${strange}, which is not of the local cloud: --reset does not touch it.`);
  }
  const unlock = lock(dataDir);
  removeData(dataDir);
  for (const name of found) {
    if (name !== "lock") rmSync(join(dataDir, name), { recursive: true, force: true });
  }
  unlock();
}
