import { spawn } from "node:child_process";
import { join } from "node:path";
import { inboxTable } from "@lectern/core/house/inbox/inbox.sql";
import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { Due, DueItem, type DueKind, defineDue, dueShards, parkedShard, stoppedShard } from "@lectern/core/kernel/due";
import { createId } from "@lectern/core/kernel/id";
import { CourseImport } from "@lectern/core/learn/course-import";
import { importTable } from "@lectern/core/learn/course-import/course-import.sql";
import { bundleProgram, type Program } from "@lectern/local/program";
import { Catalog } from "@lectern/tenants/catalog";
import { Provision } from "@lectern/tenants/provision";
import { School } from "@lectern/tenants/school";
import { aSchool, asSystem } from "@lectern/tenants/testing";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { RoundItem } from "../cron/round.entity.ts";
import { slotOf } from "../cron/rounds.ts";
import { visitList } from "../cron/visits.list.ts";
import { batch } from "../event/consumer.ts";
import { observeSteps } from "../event/steps.ts";
import { ownCloud } from "../event/testing/own-cloud.ts";
import { depth, pump } from "../event/testing/queues.ts";
import { dispatchDue } from "./dispatch-due.ts";
import { runDue } from "./due.ts";
import { DueMessage } from "./message.ts";
import { workQueue } from "./queue.list.ts";

// Timers on a real table, queue and Postgres: kills, duplicates, races, schools that come and go, and many items at once.

let cloud: Awaited<ReturnType<typeof ownCloud>>;
let worker: Program;
let school: Route;
let other: Route;

beforeAll(async () => {
  cloud = await ownCloud();
  worker = await bundleProgram(join(import.meta.dirname, "testing", "child.ts"));
  await Provision.refill({ target: 3 });
  school = await aSchool();
  other = await aSchool();
}, 180_000);
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
  await worker.remove();
});
beforeEach(() => {
  observeSteps(undefined);
  ran.length = 0;
  fail = undefined;
});

/** Which items have run, in their order; rolled back with their transaction: `noted` reads what Postgres holds. */
const ran: { key: string; text: string }[] = [];
let fail: (() => void | Promise<void>) | undefined;
const schema = z.object({ text: z.string() });
const Note: DueKind<typeof schema> = defineDue("test.note", schema, async ({ text }, due) => {
  await Db.use((tx) => tx.insert(inboxTable).values({ consumer: `note ${due.key}`, eventId: createId("event") }));
  ran.push({ key: due.key, text });
  await fail?.();
});
const kinds: DueKind[] = [Note];
const queue = {
  name: workQueue,
  handler: batch(workQueue, ({ body, attributes }) =>
    runDue(DueMessage.parse(JSON.parse(body)), Number(attributes?.ApproximateReceiveCount) >= 10, kinds),
  ),
};
const drain = async () => {
  for (let quiet = 0; quiet < 2; ) quiet = (await pump(queue)) === 0 ? quiet + 1 : 0;
};
const aKey = (): string => `note:${createId("run")}`;
const set = (key: string, text = "", ms = -1000, of = school) =>
  asSystem(of, () => Due.at(new Date(Date.now() + ms), Note, { text }, key));
const item = async (key: string, of = school) =>
  (await DueItem.asPlatform(of.table).get({ schoolId: of.schoolId, key }).go({ consistent: true })).data;
/** How often a key's effect is in Postgres. */
const noted = (key: string, of = school) =>
  asSystem(of, () => Db.use((tx) => tx.$count(inboxTable, eq(inboxTable.consumer, `note ${key}`))));
const setState = (of: Route, state: "active" | "suspended" | "deleting") =>
  SchoolItem().patch({ schoolId: of.schoolId }).set({ state }).go();

test("what is due runs once and is gone; what is not waits", async () => {
  const [now, later] = [aKey(), aKey()];
  await set(now, "now");
  await set(later, "later", 3_600_000);
  await dispatchDue();
  await drain();
  expect(ran).toEqual([{ key: now, text: "now" }]);
  expect(await item(now)).toBeNull();
  expect((await item(later))?.starts).toBe(0);
  // A clock far ahead, or a dispatcher that was down for a day: it is queued, and a worker with the right time puts it back.
  await dispatchDue({ now: Date.now() + 24 * 3_600_000 });
  await drain();
  expect(ran).toHaveLength(1);
  expect(await item(later)).toMatchObject({ place: (await item(later))?.at, starts: 0 });
  await asSystem(school, () => Due.cancel(later));
});

test("set again under its key: one item, at the new time, with the new data; what was queued does nothing", async () => {
  const key = aKey();
  await set(key, "first");
  await dispatchDue();
  await set(key, "second");
  await drain();
  expect(ran).toEqual([]);
  await dispatchDue();
  await drain();
  expect(ran).toEqual([{ key, text: "second" }]);
});

test("cancelled before its time, and after it was queued: it does not run", async () => {
  const [one, two] = [aKey(), aKey()];
  for (const key of [one, two]) await set(key);
  await asSystem(school, () => Due.cancel(one));
  await dispatchDue();
  await asSystem(school, () => Due.cancel(two));
  await asSystem(school, () => Due.cancel(two));
  await drain();
  expect(ran).toEqual([]);
});

test("cancelled and run at the same moment, many times: after the cancellation nothing begins", async () => {
  for (let round = 0; round < 15; round += 1) {
    const key = aKey();
    const { id } = await set(key);
    const message = { type: "due", schoolId: school.schoolId, key, dueId: id, kind: Note.kind } as const;
    const data = { data: JSON.stringify({ text: "" }), at: new Date(Date.now() - 1000).toISOString() };
    await Promise.all([runDue({ ...message, ...data }, false, kinds), asSystem(school, () => Due.cancel(key))]);
    const before = await noted(key);
    await runDue({ ...message, ...data }, false, kinds);
    expect([before, await noted(key), await item(key)]).toEqual([before, before, null]);
  }
});

test("the message comes five times, three of them at once: the effect happens once", async () => {
  const key = aKey();
  const { id: dueId } = await set(key);
  const message = {
    ...{ type: "due" as const, schoolId: school.schoolId, key, dueId, kind: Note.kind },
    ...{ data: JSON.stringify({ text: "" }), at: new Date(Date.now() - 1000).toISOString() },
  };
  await Promise.all([1, 2, 3].map(() => runDue(message, false, kinds)));
  for (const _ of [4, 5]) await runDue(message, false, kinds);
  expect(await noted(key)).toBe(1);
  expect(await item(key)).toBeNull();
});

test("a handler that sets its own key anew and fails before its commit runs again, then the next one waits", async () => {
  const key = aKey();
  const { id: dueId } = await set(key);
  const message = {
    ...{ type: "due" as const, schoolId: school.schoolId, key, dueId, kind: Note.kind },
    ...{ data: JSON.stringify({ text: "" }), at: new Date(Date.now() - 1000).toISOString() },
  };
  let failures = 1;
  fail = async () => {
    await Due.at(new Date(Date.now() + 3_600_000), Note, { text: "next" }, key);
    if (failures-- > 0) throw new Error("before the commit");
  };
  await expect(runDue(message, false, kinds)).rejects.toThrow("before the commit");
  expect(await noted(key)).toBe(0);
  await runDue(message, false, kinds);
  await runDue(message, false, kinds);
  expect(await noted(key)).toBe(1);
  expect(await item(key)).toMatchObject({ data: '{"text":"next"}', starts: 0 });
  await asSystem(school, () => Due.cancel(key));
});

test("what fails to the end leaves the time index and stays for a redrive", async () => {
  const key = aKey();
  const { id: dueId } = await set(key);
  const message = {
    ...{ type: "due" as const, schoolId: school.schoolId, key, dueId, kind: Note.kind },
    ...{ data: JSON.stringify({ text: "" }), at: new Date(Date.now() - 1000).toISOString() },
  };
  fail = () => {
    throw new Error("trouble");
  };
  await expect(runDue(message, false, kinds)).rejects.toThrow("trouble");
  expect(dueShards).toContain((await item(key))?.shard);
  await expect(runDue(message, true, kinds)).rejects.toThrow("trouble");
  expect(await item(key)).toMatchObject({ shard: stoppedShard });
  expect(await dispatchDue({ now: Date.now() + 24 * 3_600_000 })).toMatchObject({ queued: 0 });
  fail = undefined;
  await runDue(message, false, kinds);
  expect([await noted(key), await item(key)]).toEqual([1, null]);
});

test("a suspended school's timers are parked, and run once it is open again", async () => {
  const [before, queued] = [aKey(), aKey()];
  await set(queued);
  await dispatchDue();
  await School.suspend({ slug: school.slug, reason: "a test" });
  await set(before);
  expect(await dispatchDue()).toMatchObject({ queued: 0, parked: 1 });
  await drain();
  expect(await dispatchDue()).toEqual({ queued: 0, parked: 0, dropped: 0, resumed: 0 });
  for (const key of [before, queued]) expect(await item(key)).toMatchObject({ shard: parkedShard });
  expect(ran).toEqual([]);
  await School.resume({ slug: school.slug });
  school = (await Directory.readSchool(school.schoolId)) ?? school;
  const far = { now: Date.now() + 2 * 3_600_000 };
  await dispatchDue();
  await dispatchDue(far);
  await drain();
  expect(ran.map(({ key }) => key).sort()).toEqual([before, queued].sort());
  for (const key of [before, queued]) expect([await noted(key), await item(key)]).toEqual([1, null]);
});

test("a removed school loses its timers, parked ones too; one that is only unknown for a moment does not", async () => {
  const [due, parked, future] = [aKey(), aKey(), aKey()];
  await set(parked, "", -1000, other);
  await setState(other, "suspended");
  await dispatchDue();
  await set(due, "", -1000, other);
  await set(future, "", 3_600_000, other);
  await setState(other, "deleting");
  await dispatchDue();
  expect([await item(parked, other), await item(due, other)]).toEqual([null, null]);
  // What erases the school takes the rest with it.
  await setState(other, "active");
  await School.remove({ slug: other.slug });
  expect(await item(future, other)).toBeNull();
  const { data: stray } = await DueItem.asPlatform(school.table)
    .put({
      ...{ schoolId: createId("school"), key: "note:stray", dueId: createId("due"), kind: "test.note", data: "{}" },
      ...{ at: new Date(Date.now() - 60_000).toISOString(), starts: 0, shard: "3", place: new Date(0).toISOString() },
    })
    .go();
  expect(await dispatchDue()).toMatchObject({ dropped: 0 });
  expect(await dispatchDue({ now: Date.now() + 2 * 3_600_000 })).toMatchObject({ dropped: 1 });
  expect(
    (await DueItem.asPlatform(school.table).get({ schoolId: stray.schoolId, key: stray.key }).go()).data,
  ).toBeNull();
});

test("impossible times, keys and amounts are refused; another school's item is out of reach", async () => {
  const wrong: [Date, string, string][] = [
    [new Date(Number.NaN), "note:x", ""],
    [new Date(8.64e15), "note:x", ""],
    [new Date(), "no key#", ""],
    [new Date(), "note:x", "x".repeat(5_000)],
  ];
  for (const [when, key, text] of wrong)
    await expect(asSystem(school, () => Due.at(when, Note, { text }, key))).rejects.toMatchObject({
      code: "due.invalid",
    });
  const foreign = { schoolId: createId("school"), key: "note:x" };
  await expect(asSystem(school, () => DueItem().delete(foreign).go())).rejects.toThrow(/not authorized/);
  await expect(asSystem(school, () => DueItem().query.due({ shard: "0" }).go())).rejects.toThrow(/not authorized/);
});

test("thousands of timers of one school: the one of another is among the first", { timeout: 240_000 }, async () => {
  const third = await aSchool();
  const many = 2_500;
  const at = new Date(Date.now() - 60_000).toISOString();
  const flood = Array.from({ length: many }, (_, i) => ({
    ...{
      schoolId: school.schoolId,
      key: `note:flood-${i}`,
      dueId: createId("due"),
      kind: "test.note",
      data: '{"text":""}',
    },
    ...{ at, starts: 0, shard: "7", place: at },
  }));
  for (let i = 0; i < many; i += 500)
    await DueItem.asPlatform(school.table)
      .put(flood.slice(i, i + 500))
      .go({ concurrency: 8 });
  const key = aKey();
  const { id } = await set(key, "alone", -1000, third);
  // In the flood's own shard, behind it.
  const own = DueItem.asPlatform(third.table).patch({ schoolId: third.schoolId, key });
  await own
    .set({ shard: "7", place: new Date().toISOString() })
    .where((each, { eq }) => eq(each.dueId, id))
    .go();
  expect(await depth(workQueue)).toBe(0);
  expect(await dispatchDue({ now: Date.now() + 1000 })).toMatchObject({ queued: 1_001 });
  // Ten of what may be a thousand: the lone one is the first or second message.
  const order: string[] = [];
  const reader = {
    name: workQueue,
    handler: batch(workQueue, async ({ body }) => {
      const { schoolId } = DueMessage.parse(JSON.parse(body));
      order.push(schoolId);
    }),
  };
  await pump(reader);
  expect(order).toContain(third.schoolId);
  // Minute by minute the rest follows.
  expect(await dispatchDue({ now: Date.now() + 1000 })).toMatchObject({ queued: 1_000 });
  expect(await dispatchDue({ now: Date.now() + 1000 })).toMatchObject({ queued: 500 });
  expect(await dispatchDue({ now: Date.now() + 1000 })).toMatchObject({ queued: 0 });
  while ((await pump(reader)) > 0);
  expect(order).toHaveLength(2_501);
  for (let i = 0; i < many; i += 500)
    await DueItem.asPlatform(school.table)
      .delete(flood.slice(i, i + 500).map(({ schoolId, key }) => ({ schoolId, key })))
      .go({ concurrency: 8 });
});

test.each(["due: sent", "due: marked", "due: begin", "due: ran", "due: committed"])(
  "killed at “%s”, the next process does the work once",
  { timeout: 120_000 },
  async (step) => {
    for (const visit of visitList)
      await RoundItem()
        .put({
          visit: visit.name,
          slot: slotOf(visit, Date.now()),
          startedAt: 0,
          isHandedOut: true,
          handed: 0,
          isReported: true,
        })
        .go();
    const importId = createId("import");
    await asSystem(school, () =>
      Db.use((tx) =>
        tx.insert(importTable).values({
          ...{ id: importId, packageKey: "none", fileName: "none.zip", status: "running" },
          updatedAt: new Date(Date.now() - 600_000),
        }),
      ),
    );
    const key = `import:${importId}`;
    await asSystem(school, () =>
      Due.at(new Date(Date.now() - 1000), CourseImport.Check, { id: importId, attempt: 0 }, key),
    );
    const first = await item(key);
    expect(await work(step)).toBe(true);
    // The dead worker's time has passed; the queue's copy of the message and the index's both come.
    const dead = await item(key);
    if (dead?.startedUntil)
      await DueItem.asPlatform(school.table)
        .patch({ schoolId: school.schoolId, key })
        .set({ startedUntil: 1, shard: dead.shard, place: new Date(0).toISOString() })
        .go();
    expect(await work("never")).toBe(false);
    const [told] = await Catalog.use(school.cell, (tx) =>
      tx.execute<{ n: string }>(sql`select count(*) as n from bus.outbox where envelope::text like ${`%${importId}%`}`),
    );
    expect(Number(told?.n)).toBe(1);
    // It has set its own key anew.
    const next = await item(key);
    expect(next?.dueId).not.toBe(first?.dueId);
    expect(Date.parse(next?.at ?? "")).toBeGreaterThan(Date.now());
    await asSystem(school, () => Due.cancel(key));
  },
);

const work = (step: string): Promise<boolean> =>
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
