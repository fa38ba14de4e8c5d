import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { work } from "./paths.ts";

/**
 * Waits until no other evaluation runs on this machine's checkout, and takes the turn until the process ends: each holds a
 * few gigabytes while it bundles, and two would share their folders.
 */
export async function takeTurn(): Promise<void> {
  mkdirSync(work, { recursive: true });
  const file = path.join(work, "evaluating");
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      process.once("exit", () => rmSync(file, { force: true }));
      return;
    } catch (error) {
      if (!(error instanceof Error) || Reflect.get(error, "code") !== "EEXIST") throw error;
    }
    if (!isAlive(ownerOf(file))) rmSync(file, { force: true });
    else await new Promise((later) => setTimeout(later, 250));
  }
}

function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, "utf8")) || 0;
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid > 0;
  } catch {
    return false;
  }
}
