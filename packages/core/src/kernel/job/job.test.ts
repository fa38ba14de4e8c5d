import { aSchool, asSystem } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { importTable } from "../../learn/course-import/course-import.sql.ts";
import type { Route } from "../actor/index.ts";
import { Db } from "../db/index.ts";
import { Due, DueItem } from "../due/index.ts";
import { createId } from "../id/index.ts";
import { defineJob } from "./index.ts";

// On the table of imports, whose columns every job's table has.

const requested: string[] = [];
const job = defineJob({
  name: "test",
  table: importTable,
  request: async (id) => void requested.push(id),
  trouble: { code: "test.failed", message: "Something went wrong." },
});

async function aJob(school: Route, values: Partial<typeof importTable.$inferInsert> = {}): Promise<string> {
  const id = createId("import");
  await asSystem(school, () =>
    Db.use((tx) => tx.insert(importTable).values({ id, packageKey: "x", fileName: "x", status: "queued", ...values })),
  );
  return id;
}
const row = (school: Route, id: string) =>
  asSystem(school, () => Db.use((tx) => tx.select().from(importTable).where(eq(importTable.id, id)))).then(
    ([found]) => found,
  );
const old = () => new Date(Date.now() - 5 * 60_000);

test("is claimed by one worker, says how far it is, and ends once", async () => {
  const school = await aSchool();
  const id = await aJob(school);
  let runs = 0;
  const run = () =>
    asSystem(school, () =>
      job.run(id, async (running) => {
        runs += 1;
        await running.percent(37.9);
        expect(await row(school, id)).toMatchObject({ status: "running", percent: 37 });
        await expect(asSystem(school, () => job.run(id, async () => {}))).rejects.toThrow("being worked on");
        await Db.use((tx) => running.done(tx, { pages: 3 }));
      }),
    );
  expect([await run(), await run(), runs]).toEqual(["done", undefined, 1]);
  expect(await row(school, id)).toMatchObject({ status: "done", percent: 100, report: { pages: 3 } });
});

test("cancelled while it runs: its result is rolled back, and nobody takes it up", async () => {
  const school = await aSchool();
  const id = await aJob(school);
  const outcome = await asSystem(school, () =>
    job.run(id, async (running) => {
      expect(await job.cancel(id, "undone")).toBe(true);
      await Db.use(async (tx) => {
        await tx.update(importTable).set({ fileName: "written" }).where(eq(importTable.id, id));
        await running.done(tx, {});
      });
    }),
  );
  expect(outcome).toBeUndefined();
  expect(await row(school, id)).toMatchObject({ status: "undone", fileName: "x", report: null });
  expect(await asSystem(school, () => job.run(id, () => Promise.reject(new Error("no"))))).toBeUndefined();
  expect(await asSystem(school, () => job.cancel(id, "undone"))).toBe(false);
});

test("trouble is thrown and may be run again", async () => {
  const school = await aSchool();
  const id = await aJob(school);
  await expect(asSystem(school, () => job.run(id, () => Promise.reject(new Error("trouble"))))).rejects.toThrow(
    "trouble",
  );
  expect(await row(school, id)).toMatchObject({ status: "failed", report: { code: "test.failed" } });
  const again = asSystem(school, () => job.run(id, (running) => Db.use((tx) => running.done(tx, {}))));
  expect(await again).toBe("done");
});

test("without a worker it is requested anew, later each time, and given up in the end", async () => {
  const school = await aSchool();
  const check = (id: string, attempt: number) =>
    asSystem(school, () => job.check.run({ id, attempt }, { id: "due_x", key: `test:${id}`, at: new Date() }));
  const pauseOf = async (id: string) => {
    const { data } = await asSystem(school, () =>
      DueItem()
        .get({ schoolId: school.schoolId, key: `test:${id}` })
        .go(),
    );
    return data ? [Math.round((Date.parse(data.at) - Date.now()) / 600_000), JSON.parse(data.data).attempt] : null;
  };
  const id = await aJob(school, { status: "running", updatedAt: old() });
  await check(id, 0);
  expect([requested, await pauseOf(id)]).toEqual([[id], [2, 1]]);
  await check(id, 3);
  expect([requested.length, await pauseOf(id)]).toEqual([2, [16, 4]]);
  await check(id, 8);
  expect(requested).toHaveLength(2);
  // One that is worked on is only looked at again; one that has ended is not.
  const alive = await aJob(school, { status: "running" });
  await check(alive, 2);
  expect([requested.length, await pauseOf(alive)]).toEqual([2, [4, 2]]);
  const done = await aJob(school, { status: "done", updatedAt: old() });
  await check(done, 0);
  expect([requested.length, await pauseOf(done)]).toEqual([2, null]);
  await asSystem(school, () => Due.cancel(`test:${id}`));
});
