import { readdirSync, readFileSync } from "node:fs";

/** Linux reports processor time in hundredths of a second on every architecture. */
const msPerTick = 10;

/**
 * Returns the processor milliseconds that a process and its descendants have used, ended ones included; NaN, which JSON
 * prints as null, on systems other than Linux.
 */
export function cpuMsOf(pid: number): number {
  if (process.platform !== "linux") return Number.NaN;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // utime, stime, cutime and cstime: proc(5) counts the fields from 1, and these begin with the third.
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
    return childrenOf(pid).reduce((sum, child) => sum + cpuMsOf(child), ticks * msPerTick);
  } catch {
    return 0; // it ended meanwhile, and its parent's figures contain it
  }
}

const childrenOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
