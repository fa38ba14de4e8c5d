import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { codeOf, sleep } from "./part.ts";

/** True while a process of that id runs, whoever owns it; one that ended and was not reaped (in a container) does not. */
export const isAlive = (pid: number): boolean => exists(pid) && !["Z", "X"].includes(statOf(pid)[0] ?? "");

/** True while the system still knows the id, be it of a process that has ended and was not reaped. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Fields of /proc/<pid>/stat from the state on; empty on systems without it. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** Command line of a process, or "" when it is gone or cannot be read. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    try {
      return execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" }).trim();
    } catch {
      return "";
    }
  }
}

/**
 * Something that differs between two processes that had the same id at different times: Linux start ticks, elsewhere
 * the start date. "" when the process is gone. Ids come round quickly in containers.
 */
export function birthOf(pid: number): string {
  const ticks = statOf(pid)[19];
  if (ticks !== undefined) return ticks;
  try {
    return execFileSync("ps", ["-p", String(pid), "-o", "lstart="], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}

/** Sends a signal; false when the process is already gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Waits until the process is gone; false when it outlives `timeoutMs`. */
export async function waitGone(pid: number, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > end) return false;
    await sleep(15);
  }
  return true;
}
