import { Certificate } from "@lectern/core/certificate";
import { CourseImport } from "@lectern/core/course-import";
import { Identity } from "@lectern/core/identity";
import { Inbox } from "@lectern/core/inbox";
import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Measure } from "@lectern/core/kernel/measure";
import { Progress } from "@lectern/core/progress";
import { unpark } from "../event/parked.ts";
import { drain } from "../event/relay.ts";

/** One schedule: a function called every so often, never twice at a time. */
export interface Cron {
  readonly name: string;
  readonly everyMs: number;
  readonly handler: () => Promise<void>;
}

const minute = 60_000;
const hour = 60 * minute;
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

/**
 * Completes those for whom nothing is left since lessons were removed, and issues the certificates that are due and were
 * not issued. In a healthy school there is nothing to do.
 */
export async function reconcileCertificates(): Promise<void> {
  const { enrollmentIds } = await Progress.reconcile({});
  for (const enrollmentId of enrollmentIds) {
    const issued = await Certificate.issue({ enrollmentId });
    if (issued?.isNew) log.warn({ enrollmentId }, "a certificate that was due had not been issued");
  }
}

const stuckAfterMs = 3 * minute;

/** Takes up imports whose worker died and whose event came to an end; those that are being worked on refuse. */
export async function finishImports(): Promise<void> {
  const { items } = await CourseImport.list({ limit: 25 });
  for (const { id, status, createdAt } of items) {
    if (status !== "queued" && status !== "running") continue;
    if (Date.now() - Date.parse(createdAt) < stuckAfterMs) continue;
    try {
      await CourseImport.process(id);
    } catch (err) {
      log.info({ err, importId: id }, "import not taken up");
    }
  }
}

const perSchool = (name: string, everyMs: number, work: () => Promise<void>): Cron => ({
  name,
  everyMs,
  handler: () => forEachSchool(name, work),
});

const schedules: readonly Cron[] = [
  { name: "relay", everyMs: minute, handler: async () => void (await drain()) },
  { name: "unpark", everyMs: minute, handler: async () => void (await unpark()) },
  perSchool("finish-imports", 10 * minute, finishImports),
  perSchool("reconcile-certificates", 24 * hour, reconcileCertificates),
  perSchool("purge-inbox", 24 * hour, () => Inbox.purge({})),
  perSchool("purge-tokens", 24 * hour, Identity.purgeTokens),
];

/** Every schedule, each turn counted and timed. */
export const crons: readonly Cron[] = schedules.map((cron) => ({
  ...cron,
  handler: () => Measure.job(`cron ${cron.name}`, cron.handler),
}));
