import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { Certificate } from "@lectern/core/learn/certificate";
import { enrollmentTable } from "@lectern/core/learn/enrollment/enrollment.sql";
import { Progress } from "@lectern/core/learn/progress";
import { aClass, type Class } from "@lectern/core/learn/progress/testing";
import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { Migration } from "../migration/index.ts";
import { Provision } from "../provision/index.ts";
import { School } from "../school/index.ts";
import { die } from "../testing/die.ts";
import { aSchool, asSystem, asUser, aUser } from "../testing/index.ts";
import { login } from "../testing/login.ts";
import { pictureOf } from "../testing/tables.ts";
import { tracesOf } from "../testing/traces.ts";
import { moveSteps, Restore } from "./index.ts";

// Two cells, each with its own database and data table.
const [from, to] = ["local-1", "local-2"];
afterAll(() => Promise.all([Db.close(), Catalog.close()]));

async function learned(): Promise<Class> {
  const made = await aClass(2, await aSchool({ cell: from }));
  for (const index of [0, 1])
    await made.asLearner(() => Progress.markDone({ courseId: made.courseId, lessonId: made.lesson(index) }));
  const [enrollment] = await made.asPlatform(() => Db.use((tx) => tx.select().from(enrollmentTable)));
  await made.asPlatform(() => Certificate.issue({ enrollmentId: enrollment?.id ?? "" }));
  return made;
}
const routeOf = async (schoolId: string) => {
  Directory.forget(schoolId);
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error("no school");
  return route;
};
const standing = async (of: Class) =>
  asUser(await routeOf(of.school.schoolId), { roles: ["learner"], userId: of.learner.userId }, async () => ({
    progress: await Progress.glance({ courseId: of.courseId }),
    certificates: await Certificate.mine({}),
  }));
/** Leaves out the audit trail, where the move adds an entry. */
const picture = async (of: Class) => {
  const { audit_entry: _, ...rest } = await pictureOf(await routeOf(of.school.schoolId));
  return rest;
};
const gates = (cell: string, schoolId: string) =>
  Catalog.use(cell, (tx) => tx.execute(sql`select state from catalog.school where id = ${schoolId}`));

test("a school moves to another cell with all its data and leaves nothing accessible", {
  timeout: 120_000,
}, async () => {
  const of = await learned();
  const neighbour = await learned();
  const before = { rows: await picture(of), learner: await standing(of) };
  const beside = { rows: await picture(neighbour), learner: await standing(neighbour) };
  const { slug, schoolId, schema } = of.school;
  const moved = await Restore.move({ slug, cell: to });
  expect(moved).toMatchObject({ schoolId, from, to });
  const route = await routeOf(schoolId);
  expect(route).toMatchObject({ cell: to, table: expect.stringContaining(to), state: "active" });
  expect(await picture(of)).toEqual(before.rows);
  expect(await standing(of)).toEqual(before.learner);
  expect({ rows: await picture(neighbour), learner: await standing(neighbour) }).toEqual(beside);
  expect((await Migration.drift({ cell: to })).filter((each) => each.schoolId === schoolId)).toEqual([]);

  // Old routes are refused, and no school owns the old rows.
  await expect(asSystem(of.school, () => Db.use((tx) => tx.select().from(enrollmentTable)))).rejects.toMatchObject({
    code: "school.not_found",
  });
  expect(await gates(from, schoolId)).toHaveLength(0);
  const app = await login("lectern_app", from);
  await expect(app.unsafe(`begin; set local role ${schema}; select * from ${schema}."user"`)).rejects.toThrow();
  await app.end();
  const left = (what: RegExp) =>
    tracesOf({ ...of.school, slug: "none" }).then((all) => all.filter((trace) => what.test(trace)));
  expect(await left(/data-local-1|^gate|^ledger/)).toEqual([]);
  expect(await left(/^schema /)).toEqual([expect.stringMatching(`${schema}_old_`)]);
  // Another test file may drop it first.
  await Provision.dropReplaced(new Date(Date.now() + 8 * 86_400_000));
  expect(await left(/^schema /)).toEqual([]);

  // The school works there, and after moving back.
  await aUser(route, { roles: ["learner"], email: "later@example.test" });
  await Restore.move({ slug, cell: from });
  expect(await routeOf(schoolId)).toMatchObject({ cell: from, state: "active" });
  expect(await standing(of)).toEqual(before.learner);
  await School.remove({ slug });
});

test("a refused move leaves the school open", { timeout: 60_000 }, async () => {
  const school = await aSchool({ cell: from });
  const { slug } = school;
  await expect(Restore.move({ slug, cell: "nowhere" })).rejects.toMatchObject({ code: "cell.unknown" });
  await expect(Restore.move({ slug, cell: from })).rejects.toMatchObject({ code: "cell.same" });
  expect(await School.show({ slug })).toMatchObject({ state: "active" });
  await School.suspend({ slug, reason: "invoice" });
  await expect(Restore.move({ slug, cell: to })).rejects.toMatchObject({ code: "school.wrong_state" });
});

test.each(moveSteps.slice(0, -1))(
  "killed after the step %s, the same call completes it",
  { timeout: 90_000 },
  async (step) => {
    const of = await learned();
    const before = { rows: await picture(of), learner: await standing(of) };
    const { slug, schoolId } = of.school;
    expect(await die("move", step, slug, to)).toBe(true);
    expect(
      await School.show({ slug }).then(
        ({ state }) => state,
        () => "lost",
      ),
    ).toBe("suspended");
    await Restore.move({ slug, cell: to });
    expect(await School.show({ slug })).toMatchObject({ state: "active", cell: to, reason: null });
    expect(await picture(of)).toEqual(before.rows);
    expect(await standing(of)).toEqual(before.learner);
    expect(await gates(from, schoolId)).toHaveLength(0);
  },
);
