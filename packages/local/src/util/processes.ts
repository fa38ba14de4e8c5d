import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { codeOf, sleep } from "./part.ts";

/** Returns whether a process of that id runs; zombies count as ended. */
export const isAlive = (pid: number): boolean => exists(pid) && !["Z", "X"].includes(statOf(pid)[0] ?? "");

/** Returns whether the system knows the id; zombies included. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Fields of /proc/<pid>/stat from the state on; empty on other systems. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

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
 * Returns what distinguishes processes that reuse an id: start ticks on Linux, elsewhere the start date; "" when the
 * process has ended. Containers reuse ids quickly.
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

/** Sends a signal; false when the process has already ended. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Waits for the process to end; false when it outlives `timeoutMs`. */
export async function waitGone(pid: number, timeoutMs: number): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > end) return false;
    await sleep(15);
  }
  return true;
}
