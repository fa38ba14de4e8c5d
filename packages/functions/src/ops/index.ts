import { Aws } from "@lectern/core/kernel/aws";
import { log, onNotableLine } from "@lectern/core/kernel/log";
import { Metric } from "@lectern/core/kernel/metric";
import { Ops as Core } from "@lectern/core/ops";

/** An error is told soon; response times are many, and added up before they are written. */
const notableMs = 1_000;
const metricsMs = 10_000;
/** More than this is not kept: a process that does nothing but fail must not run out of memory over it. */
const maxLines = 5_000;

/**
 * Gathers what this process logs, for stages without a subscription of log groups: the lines go where `logs.handler` takes
 * them on AWS. Answers what ends that, with the last lines handed in.
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
      // The request that wrote the first of these lines does not own the work.
      await Aws.asDoor(undefined, () => Core.gather(some));
    } catch (err) {
      // Not an error line, which would be gathered in its turn, and so on for as long as the table is away.
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
