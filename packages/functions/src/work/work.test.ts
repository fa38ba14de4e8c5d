import { spawn } from "node:child_process";
import { join } from "node:path";
import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { SchoolItem } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { emailTokenTable } from "@lectern/core/people/identity/identity.sql";
import { bundleProgram, type Program } from "@lectern/local/program";
import { Catalog } from "@lectern/tenants/catalog";
import { Provision } from "@lectern/tenants/provision";
import { aSchool, asSystem, aUser } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RoundItem, VisitItem } from "../cron/round.entity.ts";
import { handOutRounds, slotOf } from "../cron/rounds.ts";
import { type Visit, visitList } from "../cron/visits.list.ts";
import { batch } from "../event/consumer.ts";
import { ownCloud } from "../event/testing/own-cloud.ts";
import { depth, pump } from "../event/testing/queues.ts";
import { VisitMessage } from "./message.ts";
import { workQueue } from "./queue.list.ts";
import { visitSchool, visits } from "./visits.ts";

// Rounds over every school: with real queues and tables, a worker that is killed, and hundreds of schools in the directory.

let cloud: Awaited<ReturnType<typeof ownCloud>>;
let worker: Program;
const real: Route[] = [];

beforeAll(async () => {
  cloud = await ownCloud();
  worker = await bundleProgram(join(import.meta.dirname, "testing", "child.ts"));
  await Provision.refill({ target: 3 });
  for (let i = 0; i < 3; i += 1) real.push(await aSchool());
}, 180_000);
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
  await worker.remove();
});

const hour = 3_600_000;
const minute = 60_000;
/** A loaded machine is slow. */
const patiently = { timeout: 60_000 };

/** A visit of the test's own, which notes where it was. */
function aVisit(work: (schoolId: string) => Promise<void> = async () => {}) {
  const visit: Visit = { name: `test-${createId("run").slice(-6)}`, everyMinutes: 1440, at: 0 };
  const seen: string[] = [];
  const works = {
    [visit.name]: async () => {
      const { schoolId } = Actor.useSchool();
      await work(schoolId);
      seen.push(schoolId);
    },
  };
  const queue = {
    name: workQueue,
    handler: batch(workQueue, async ({ body }) => visitSchool(VisitMessage.parse(JSON.parse(body)), works)),
  };
  /** Works until the queue has nothing to hand out. */
  const drain = async () => {
    for (let quiet = 0; quiet < 2; ) quiet = (await pump(queue)) === 0 ? quiet + 1 : 0;
  };
  return { visit, seen, queue, drain, round: () => RoundItem().get({ visit: visit.name }).go({ consistent: true }) };
}

/** Schools that only the directory knows: enough to be visited. */
async function directoryOnly(count: number): Promise<string[]> {
  const [{ slug: _, schoolId: __, ...like } = {} as never] = real;
  const ids = Array.from({ length: count }, () => createId("school"));
  await SchoolItem()
    .put(
      ids.map((schoolId) => ({
        ...{ schoolId, slug: schoolId.replace("_", "-"), name: "A school", state: "active" as const },
        brand: { accent: "#1f6f54", font: "inter", radius: "soft" as const },
        ...{ locale: like.locale, zone: like.zone, cell: like.cell, schema: "none", epoch: 1, table: like.table },
        createdAt: new Date().toISOString(),
      })),
    )
    .go({ concurrency: 4 });
  return ids;
}
const forget = (ids: readonly string[]) =>
  SchoolItem()
    .delete(ids.map((schoolId) => ({ schoolId })))
    .go({ concurrency: 4 });

const die = (step: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [worker.file, step], {
      env: {
        ...process.env,
        ...worker.env,
        SST_RESOURCES_JSON: JSON.stringify(cloud.resources),
        LECTERN_LOG: "silent",
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      signal === "SIGKILL" ? resolve(true) : code === 0 ? resolve(false) : reject(new Error(`it ended with ${code}`)),
    );
  });

test("the list of visits is that of the work", () => {
  expect(visitList.map(({ name }) => name).sort()).toEqual(Object.keys(visits).sort());
});

test.each(["rounds: noted", "rounds: sent", "rounds: paged", "visit: begin", "visit: end"])(
  "killed at “%s”, the next process reaches every school",
  { timeout: 120_000 },
  async (step) => {
    for (const school of real) {
      const { userId } = await aUser(school, { roles: ["learner"] });
      const expiresAt = new Date(Date.now() - 31 * 24 * hour);
      const token = { id: createId("token"), userId, purpose: "verify_email" as const, expiresAt };
      await asSystem(school, () => Db.use((tx) => tx.insert(emailTokenTable).values(token)));
    }
    // As if yesterday's round had ended.
    for (const { name } of visitList) await RoundItem().delete({ visit: name }).go();
    expect(await die(step)).toBe(true);
    expect(await die("never")).toBe(false);
    for (const school of real)
      await asSystem(school, async () =>
        expect(await Db.use((tx) => tx.$count(emailTokenTable, eq(emailTokenTable.purpose, "verify_email")))).toBe(0),
      );
    for (const { name } of visitList) {
      const { data: left } = await VisitItem().query.bySchool({ visit: name }).go({ pages: "all", consistent: true });
      expect(left).toEqual([]);
      expect((await RoundItem().get({ visit: name }).go()).data).toMatchObject({ isHandedOut: true });
    }
  },
);

test("a run that has no time left goes on where it was, and visits each school once", {
  timeout: 120_000,
}, async () => {
  const more = await directoryOnly(250);
  const each = aVisit();
  let pages = 0;
  for (; pages < 10 && !(await each.round()).data?.isHandedOut; pages += 1)
    await handOutRounds({ visits: [each.visit], until: 0 });
  expect(pages).toBe(3);
  await each.drain();
  expect(each.seen.toSorted()).toEqual([...more, ...real.map(({ schoolId }) => schoolId)].sort());
  expect(await handOutRounds({ visits: [each.visit], now: Date.now() + 4 * hour })).toMatchObject([
    { handed: 253, missed: [] },
  ]);
  expect(await handOutRounds({ visits: [each.visit] })).toEqual([]);
  await forget(more);
});

test("a school that hangs or fails delays no other, and the report names it", { timeout: 120_000 }, async () => {
  const [slow, bad, good] = real.map(({ schoolId }) => schoolId);
  const { promise: never, resolve: release } = Promise.withResolvers<void>();
  const each = aVisit(async (schoolId) => {
    if (schoolId === slow) await never;
    if (schoolId === bad) throw new Error("trouble");
  });
  await handOutRounds({ visits: [each.visit] });
  const hanging: Promise<number>[] = [];
  await expect
    .poll(async () => {
      hanging.push(pump(each.queue, { atOnce: 1 }));
      return each.seen;
    }, patiently)
    .toEqual([good]);
  await expect
    .poll(() => {
      hanging.push(pump(each.queue, { atOnce: 1 }));
      return VisitItem()
        .get({ visit: each.visit.name, schoolId: bad ?? "" })
        .go({ consistent: true });
    }, patiently)
    .toMatchObject({ data: { error: "Error: trouble" } });
  const [report] = await handOutRounds({ visits: [each.visit], now: Date.now() + 4 * hour });
  expect(report?.missed).toEqual(
    expect.arrayContaining([
      { schoolId: slow, error: null },
      { schoolId: bad, error: "Error: trouble" },
    ]),
  );
  expect(report?.missed).toHaveLength(2);
  release();
  await Promise.all(hanging);
  // The next round begins anew for everybody.
  const next = Date.now() + 24 * hour;
  await handOutRounds({ visits: [each.visit], now: next });
  expect((await each.round()).data?.slot).toBe(slotOf(each.visit, next));
  await expect
    .poll(
      () =>
        depth(workQueue)
          .then(() => pump(each.queue))
          .then(() => each.seen.filter((id) => id === good)),
      patiently,
    )
    .toHaveLength(2);
});

test("two dispatchers at once hand out a round once; a suspended school is not visited", async () => {
  const [first, other] = real;
  if (!first || !other) throw new Error("no schools");
  const each = aVisit();
  await Promise.all(Array.from({ length: 4 }, () => handOutRounds({ visits: [each.visit] })));
  await SchoolItem().patch({ schoolId: other.schoolId }).set({ state: "suspended" }).go();
  await each.drain();
  await SchoolItem().patch({ schoolId: other.schoolId }).set({ state: "active" }).go();
  expect(each.seen.sort()).toEqual(
    real
      .map(({ schoolId }) => schoolId)
      .filter((id) => id !== other.schoolId)
      .sort(),
  );
  expect(await handOutRounds({ visits: [each.visit], now: Date.now() + 4 * hour })).toMatchObject([{ missed: [] }]);
});

test("a machine whose clock was far ahead does not stop the visits", async () => {
  const each = aVisit();
  await handOutRounds({ visits: [each.visit], now: Date.now() + 400 * 24 * hour });
  await handOutRounds({ visits: [each.visit] });
  expect((await each.round()).data?.slot).toBe(slotOf(each.visit, Date.now()));
  await each.drain();
  expect(new Set(each.seen)).toEqual(new Set(real.map(({ schoolId }) => schoolId)));
});

test("nightly rounds are due at their minute", () => {
  const visit = { name: "x", everyMinutes: 1440, at: 120 };
  const day = Date.parse("2026-03-02T00:00:00Z");
  expect(slotOf(visit, day + 119 * minute)).toBe("2026-03-01T02:00:00.000Z");
  expect(slotOf(visit, day + 120 * minute)).toBe("2026-03-02T02:00:00.000Z");
});
