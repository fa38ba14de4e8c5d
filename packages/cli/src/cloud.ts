import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DomainError } from "@lectern/core/kernel/error";
import type { Globals } from "./globals.ts";

interface Running {
  readonly pid: number;
  readonly url: string;
  readonly resources: Record<string, unknown>;
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export function dataDirOf(globals: Globals): string {
  if (globals.dataDir === undefined) return join(root, ".lectern");
  // npm changes the working directory to the repository; INIT_CWD holds the directory where the person typed the path.
  const from = process.env.INIT_CWD ?? process.cwd();
  return isAbsolute(globals.dataDir) ? globals.dataDir : resolve(from, globals.dataDir);
}

export const pathOf = (given: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), given);

/**
 * Fills `Resource` from the first of: the local cloud of `--data-dir`, the linked stage, the local cloud running in
 * this repository.
 * @throws DomainError unavailable `cloud.not_running`
 */
export function connect(globals: Globals): void {
  if (globals.dataDir === undefined && isLinked()) return;
  const dir = dataDirOf(globals);
  const running = read(join(dir, "running.json"));
  if (!running || !isAlive(running.pid)) {
    throw new DomainError(
      "unavailable",
      "cloud.not_running",
      `No local cloud is running in ${dir}. Start one with: npm run dev${globals.dataDir ? ` -- --data-dir ${globals.dataDir}` : ""}`,
    );
  }
  for (const name of Object.keys(process.env)) if (name.startsWith("SST_RESOURCE_")) delete process.env[name];
  process.env.SST_RESOURCES_JSON = JSON.stringify(running.resources);
}

const isLinked = (): boolean => Boolean(process.env.SST_RESOURCES_JSON || process.env.SST_RESOURCE_App);

function read(path: string): Running | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // missing, or truncated by a power failure
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  if (!("pid" in parsed && "resources" in parsed && "url" in parsed)) return undefined;
  const { pid, resources, url } = parsed;
  if (typeof pid !== "number" || typeof url !== "string" || typeof resources !== "object" || resources === null) {
    return undefined;
  }
  return { pid, url, resources: { ...resources } };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
