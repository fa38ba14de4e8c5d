import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DomainError } from "@lectern/core/kernel/error";
import type { Globals } from "./globals.ts";

/** What `npm run dev` writes beside its data. */
interface Running {
  readonly pid: number;
  readonly url: string;
  readonly resources: Record<string, unknown>;
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

/** The data folder a command means: the one that was named, else the repository's own. */
export function dataDirOf(globals: Globals): string {
  if (globals.dataDir === undefined) return join(root, ".lectern");
  // npm runs scripts in the repository; the person typed the path where they stood.
  const from = process.env.INIT_CWD ?? process.cwd();
  return isAbsolute(globals.dataDir) ? globals.dataDir : resolve(from, globals.dataDir);
}

/** A path as the person typed it, from where they stood. */
export const pathOf = (given: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), given);

/**
 * Fills `Resource`, in this order: the local cloud of `--data-dir`; the stage this environment is linked to; the local
 * cloud that runs in this repository.
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
    return undefined; // not there, or half a file of a machine that lost its power
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
