import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Measure } from "@lectern/core/kernel/measure";

/** One schedule: a function called every so often, never twice at a time. */
export interface Cron {
  readonly name: string;
  readonly everyMs: number;
  readonly handler: () => Promise<void>;
}

export const minute = 60_000;
export const day = 24 * 60 * minute;

/** A schedule, each turn counted and timed. */
export const cron = (name: string, everyMs: number, work: () => Promise<unknown>): Cron => ({
  name,
  everyMs,
  handler: () => Measure.job(`cron ${name}`, async () => void (await work())),
});

/** A schedule that works in every active school. */
export const perSchool = (name: string, everyMs: number, work: () => Promise<void>): Cron =>
  cron(name, everyMs, () => forEachSchool(name, work));

/** Schools at a time: each takes a connection of its cell. */
const atOnce = 4;

/**
 * Runs `work` in every active school, as the system. One school's trouble is logged and stops no other; if there was any,
 * the schedule fails at the end, so that an alarm sees it.
 */
export async function forEachSchool(name: string, work: () => Promise<void>): Promise<void> {
  let failures = 0;
  const inSchool = async (school: Route) => {
    const requestId = createId("request");
    await Actor.withActor({ type: "system", school, reason: name, requestId }, async () => {
      try {
        await work();
      } catch (err) {
        failures += 1;
        log.error({ err, cron: name }, "a schedule failed in one school");
      }
    });
  };
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof schools>> = await schools(cursor);
    for (let i = 0; i < page.data.length; i += atOnce) {
      const routes = page.data.slice(i, i + atOnce).map(Directory.toRoute);
      await Promise.all(routes.filter((route) => route.state === "active").map(inSchool));
    }
    cursor = page.cursor;
  } while (cursor);
  if (failures > 0) throw new Error(`${name} failed in ${failures} schools`);
}

const schools = (cursor: string | null) => SchoolItem().query.bySlug({}).go({ limit: 100, cursor });
