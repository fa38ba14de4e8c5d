import { createContext, Script } from "node:vm";

/** Text lengths grow by 4: linear work takes 4 times as long, quadratic work 16 times. */
const lengths = [2_000, 8_000, 32_000] as const;

/** Between 4 and 16, closer to 16, so that a busy machine never fails linear work. */
const mostGrowth = 10;

/** Shorter times are not compared, because the clock is too coarse. */
const leastMs = 40;

/** Work this fast on the middle text cannot become slow on the longest. */
const negligibleMs = 0.3;

/** Longer work on the shortest text is aborted. */
const budgetMs = 3_000;

/**
 * Returns the measured times when `work` grows faster than its input; undefined when it is linear. Compares the minimum
 * of several processor times, because a busy machine stretches wall time.
 */
export function superlinear(work: (text: string) => unknown, makeText: (length: number) => string): string | undefined {
  const times: number[] = [];
  for (const length of lengths) {
    const text = makeText(length);
    const took = cpuMs(() => work(text));
    if (took === undefined) return `${length} characters: stopped after ${budgetMs} ms`;
    times.push(took);
    if (times.length === 2 && took < negligibleMs) return undefined;
    if (!grows(times)) continue;
    // Measure again before reporting.
    const again = lengths.slice(0, times.length).map((size) => leastOf(5, () => work(makeText(size))));
    if (grows(again)) return again.map((ms, i) => `${lengths[i]} characters: ${ms.toFixed(1)} ms`).join(", ");
  }
  return undefined;
}

function grows(times: readonly number[]): boolean {
  const [before, last] = times.slice(-2);
  if (times.length < 2 || before === undefined || last === undefined) return false;
  return last >= leastMs && last / Math.max(before, 0.2) > mostGrowth;
}

function leastOf(runs: number, work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) least = Math.min(least, cpuMs(work) ?? Number.POSITIVE_INFINITY);
  return least;
}

const box: { work: () => unknown } = { work: () => {} };
const context = createContext({ box });
const call = new Script("box.work()");

/** Returns the processor time of synchronous work; undefined when it was aborted. */
function cpuMs(work: () => unknown): number | undefined {
  box.work = work;
  const begin = process.threadCpuUsage();
  try {
    call.runInContext(context, { timeout: budgetMs });
  } catch (error) {
    // The error belongs to another context, so `instanceof Error` fails. A refusal by the work is a valid result.
    if (codeOf(error) === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
  }
  return process.threadCpuUsage(begin).user / 1000;
}

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
