import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runTask } from "../task/client.ts";
import { inRepository } from "./paths.ts";
import { names, type Resources } from "./resources.ts";
import type { Settings } from "./state.ts";

const schoolsPerCell = 1500;

/**
 * Creates roles, databases, the catalog's tables and the cells' directory entries, unless this data directory already
 * has them. Loads the application's code, so the common start skips it.
 * @returns false when there was nothing to do
 */
export async function prepareDatabases(options: {
  superuserUrl: string;
  cells: readonly string[];
  settings: Settings;
  resources: Resources;
  dataDir: string;
  log: (line: string) => void;
}): Promise<boolean> {
  const { superuserUrl, cells, settings, resources, dataDir, log } = options;
  const { app, platform, migrator, provisioner } = settings.secrets;
  const { hostname, port } = new URL(superuserUrl);
  const input = {
    superuserUrl,
    passwords: { app, platform, migrator, provisioner },
    cells: cells.map((id, at) => ({
      id,
      database: { host: hostname, port: Number(port), database: at === 0 ? "lectern" : `lectern_${at + 1}` },
      table: names.dataTable(id),
      max: schoolsPerCell,
    })),
  };
  const fingerprint = createHash("sha256").update(JSON.stringify(input));
  for (const folder of ["migrations/catalog", "packages/tenants/src/cell"]) addFiles(fingerprint, inRepository(folder));
  const prepared = fingerprint.digest("hex");
  if (settings.prepared === prepared) return false;
  await runTask({ name: "prepare", input, resources, dataDir, log });
  settings.prepared = prepared;
  return true;
}

function addFiles(hash: ReturnType<typeof createHash>, folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
  }
}
