import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { codeOf, sleep } from "../util/part.ts";
import { commandOf, exists, isAlive, signal, waitGone } from "../util/processes.ts";
import { ownFolder, type RunAs, sharedRoot } from "./binaries.ts";

/**
 * Returns the cluster's folder: `<dataDir>/postgres`, or a private folder under /var/tmp, linked from there, when user
 * `postgres` cannot reach the data directory (under /root, for example).
 */
export function dataFolder(dataDir: string, user: RunAs): string {
  const here = join(dataDir, "postgres");
  if (user.uid === undefined || user.gid === undefined) {
    mkdirSync(here, { recursive: true, mode: 0o700 });
    return here;
  }
  if (isLink(here)) {
    const target = readlinkSync(here);
    mkdirSync(target, { recursive: true, mode: 0o700 });
    chownSync(target, user.uid, user.gid);
    return target;
  }
  mkdirSync(here, { recursive: true, mode: 0o700 });
  chownSync(here, user.uid, user.gid);
  if (canWrite(here, user)) return here;
  rmSync(here, { recursive: true });
  sweep();
  const target = farFolder(dataDir);
  symlinkSync(target, here);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  writeFileSync(`${target}.origin`, here);
  chownSync(target, user.uid, user.gid);
  return target;
}

export function removeData(dataDir: string): void {
  const here = join(dataDir, "postgres");
  if (isLink(here)) {
    const target = readlinkSync(here);
    if (dirname(target) === join(sharedRoot, "data")) {
      rmSync(target, { recursive: true, force: true });
      rmSync(`${target}.origin`, { force: true });
    }
    unlinkSync(here);
  } else {
    rmSync(here, { recursive: true, force: true });
  }
}

/**
 * Cleans up after a killed run: stops a Postgres that outlived its supervisor, and removes a lock file whose process id
 * was reused. Safe because this process holds the data directory's lock.
 */
export async function clearLeftovers(folder: string): Promise<void> {
  const lock = join(folder, "postmaster.pid");
  const pid = lockedBy(lock);
  if (pid === undefined) return;
  if (!isAlive(pid)) {
    // Postgres takes a zombie for a living process. Its children exit shortly after it.
    for (let wait = 0; wait < 20 && exists(pid); wait++) await sleep(100);
    if (exists(pid)) rmSync(lock, { force: true });
    return;
  }
  if (commandOf(pid).includes(folder)) {
    signal(pid, "SIGINT");
    if (!(await waitGone(pid, 5000))) {
      signal(pid, "SIGQUIT");
      await waitGone(pid, 5000);
    }
    await sleep(50); // its children free the shared memory
  } else {
    rmSync(lock, { force: true });
  }
}

function lockedBy(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, "utf8").split("\n")[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

function canWrite(folder: string, user: RunAs): boolean {
  return spawnSync("/bin/sh", ["-c", 'test -x "$1" && test -w "$1"', "sh", folder], { ...user, cwd: "/" }).status === 0;
}

function farFolder(dataDir: string): string {
  ownFolder(sharedRoot, 0o755);
  ownFolder(join(sharedRoot, "data"), 0o755);
  const name = createHash("sha256").update(resolve(dataDir)).digest("hex").slice(0, 16);
  return join(sharedRoot, "data", name);
}

/** Removes clusters whose data directory no longer exists. */
function sweep(): void {
  const all = join(sharedRoot, "data");
  if (!existsSync(all)) return;
  for (const name of readdirSync(all)) {
    if (!name.endsWith(".origin")) continue;
    const target = join(all, name.slice(0, -".origin".length));
    const origin = readOrigin(join(all, name));
    if (origin === undefined || (isLink(origin) && readlinkSync(origin) === target)) continue;
    rmSync(target, { recursive: true, force: true });
    rmSync(join(all, name), { force: true });
  }
}

/** Returns undefined when a concurrent start has just removed it. */
function readOrigin(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
