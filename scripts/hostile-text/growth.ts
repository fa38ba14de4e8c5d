import { createContext, Script } from "node:vm";

/** Lengths of the text, each four times the one before: linear work takes 4 times as long, quadratic work 16 times. */
const lengths = [2_000, 8_000, 32_000] as const;

/** Between 4 and 16, nearer to 16: what is linear is never refused because the machine is busy. */
const mostGrowth = 10;

/** Less than this is not compared: the clock is too coarse, and nobody waits. */
const leastMs = 40;

/** What reads the middle text in this time cannot become slow on the longest. */
const negligibleMs = 0.3;

/** Work that takes this long on the shortest text is stopped. */
const budgetMs = 3_000;

/**
 * Undefined where `work` takes processor time in proportion to the length of the text, else the times it took.
 * A busy machine stretches the wall clock, so processor time is compared, and the least of several runs.
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
    // Look again before anything is said.
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

/** Processor time of synchronous work, or undefined where it had to be stopped. */
function cpuMs(work: () => unknown): number | undefined {
  box.work = work;
  const begin = process.threadCpuUsage();
  try {
    call.runInContext(context, { timeout: budgetMs });
  } catch (error) {
    // The error belongs to the other context, so it is no `Error` of this one. A refusal of the work is an answer.
    if (codeOf(error) === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
  }
  return process.threadCpuUsage(begin).user / 1000;
}

const codeOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
