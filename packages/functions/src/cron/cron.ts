import { beforeFreeze } from "@lectern/core/kernel/event";
import { Measure } from "@lectern/core/kernel/measure";

/** One schedule: a function called every so often, never twice at a time. */
export interface Cron {
  readonly name: string;
  readonly everyMs: number;
  /** What called it: the schedule, or something that needs the work now. */
  readonly handler: (event?: unknown) => Promise<void>;
}

export const minute = 60_000;
export const day = 24 * 60 * minute;

/** A schedule; each run is counted and timed. Work in every school is a visit (visits.list.ts), not a loop in here. */
export const cron = (name: string, everyMs: number, work: () => Promise<unknown>): Cron => ({
  name,
  everyMs,
  handler: () => beforeFreeze(() => Measure.job(`cron ${name}`, async () => void (await work()))),
});
