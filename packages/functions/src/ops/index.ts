import { Ops as Core } from "@lectern/core/house/ops";
import { Aws } from "@lectern/core/kernel/aws";
import { log, onNotableLine } from "@lectern/core/kernel/log";
import { Metric } from "@lectern/core/kernel/metric";

/** Errors are handed over soon; response times are summed first, because there are many. */
const notableMs = 1_000;
const metricsMs = 10_000;
/** Bounds the memory of a process that does nothing but fail. */
const maxLines = 5_000;

/**
 * Collects this process's log lines for stages without log subscriptions and hands them to `logs.handler`'s function.
 * Returns a function that stops it after the last lines.
 */
export function gatherHere(): () => Promise<void> {
  let lines: string[] = [];
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let isSoon = false;
  const arm = (ms: number): void => {
    if (timer && (isSoon || ms === metricsMs)) return;
    clearTimeout(timer);
    isSoon = ms === notableMs;
    timer = setTimeout(turn, ms);
    timer.unref();
  };
  const turn = (): void => {
    clearTimeout(timer);
    timer = undefined;
    running = running.then(hand);
  };
  const hand = async (): Promise<void> => {
    const some = lines.splice(0);
    if (some.length === 0) return;
    try {
      // The work does not belong to the request that wrote the first line.
      await Aws.asDoor(undefined, () => Core.gather(some));
    } catch (err) {
      // Not at level error, which would itself be gathered, endlessly while the table is unavailable.
      log.warn({ err, lines: some.length }, "log lines wait to be gathered");
      lines = [...some, ...lines].slice(0, maxLines);
      arm(metricsMs);
    }
  };
  const takeWithin = (ms: number) => (line: string) => {
    if (lines.length < maxLines) lines.push(line);
    arm(ms);
  };
  const ends = [onNotableLine(takeWithin(notableMs)), Metric.onLine(takeWithin(metricsMs))];
  return async () => {
    Metric.flush();
    for (const end of ends) end();
    turn();
    await running;
    clearTimeout(timer);
  };
}

export * as Ops from "./index.ts";
