import { randomBytes } from "node:crypto";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { Storage } from "@lectern/core/kernel/storage";
import { Certificate } from "@lectern/core/learn/certificate";
import { assetTable } from "@lectern/core/learn/course/course.sql";
import { aPicture } from "@lectern/core/learn/course/testing";
import { enrollmentTable } from "@lectern/core/learn/enrollment/enrollment.sql";
import { Progress } from "@lectern/core/learn/progress";
import { aClass } from "@lectern/core/learn/progress/testing";
import { Legal } from "@lectern/core/people/legal";
import { Settings } from "@lectern/core/people/settings";
import { afterAll, expect, test } from "vitest";
import { Backup } from "../backup/index.ts";
import { Catalog } from "../catalog/index.ts";
import { School } from "../school/index.ts";
import { die } from "../testing/die.ts";
import { asSystem, asUser } from "../testing/index.ts";
import { pictureOf } from "../testing/tables.ts";
import { tracesOf } from "../testing/traces.ts";
import { besideSteps, Restore } from "./index.ts";

afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const unique = () => `b-${randomBytes(5).toString("hex")}`;
const routeOf = async (schoolId: string) => {
  Directory.forget(schoolId);
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error("no school");
  return route;
};

/** Settings that pages need, which the route repeats. */
const repeated = { contactEmail: "help@school.test", instructorRequests: false, legal: { terms: "/legal/terms" } };

async function learned() {
  const made = await aClass(2);
  await asSystem(made.school, async () => {
    await Settings.update({ contactEmail: repeated.contactEmail, instructorRequests: false });
    await Legal.update({ page: "terms", text: "# Terms" });
  });
  for (const index of [0, 1])
    await made.asLearner(() => Progress.markDone({ courseId: made.courseId, lessonId: made.lesson(index) }));
  const [enrollment] = await made.asPlatform(() => Db.use((tx) => tx.select().from(enrollmentTable)));
  await made.asPlatform(() => Certificate.issue({ enrollmentId: enrollment?.id ?? "" }));
  const picture = await made.asPlatform(() => aPicture(made.courseId));
  await asSystem(made.school, () => Backup.dump());
  return { ...made, picture };
}

test("the new school has its own rows, progress and files, without the old school's id", {
  timeout: 120_000,
}, async () => {
  const of = await learned();
  const before = await pictureOf(of.school);
  const slug = unique();
  const made = await Restore.restoreBeside({ of: of.school.slug, slug });
  expect(await pictureOf(of.school)).toEqual(before);
  expect(made.schoolId).not.toBe(of.school.schoolId);
  const route = await routeOf(made.schoolId);
  expect(route).toMatchObject({ slug, state: "active", name: of.school.name, ...repeated });
  const learner = await asUser(route, { roles: ["learner"], userId: of.learner.userId }, async () => ({
    progress: await Progress.glance({ courseId: of.courseId }),
    certificates: (await Certificate.mine({})).items.length,
  }));
  expect(learner).toEqual({
    progress: await of.asLearner(() => Progress.glance({ courseId: of.courseId })),
    certificates: 1,
  });
  const [asset] = await asSystem(route, () => Db.use((tx) => tx.select().from(assetTable)));
  expect(asset?.key).toBe(of.picture.key.replace(of.school.schoolId, made.schoolId));
  expect(await asSystem(route, () => Storage.head({ key: asset?.key ?? "" }))).toBeDefined();

  // Removing the first school does not affect the second.
  await School.remove({ slug: of.school.slug });
  const { cell, table } = of.school;
  expect(await tracesOf({ schoolId: of.school.schoolId, cell, table, slug: of.school.slug })).toEqual([]);
  expect(await asSystem(route, () => Storage.head({ key: asset?.key ?? "" }))).toBeDefined();
  // The removed school returns from its dump, by its id.
  const back = await Restore.restoreBeside({ of: of.school.schoolId, slug: of.school.slug });
  const again = await asUser(await routeOf(back.schoolId), { roles: ["learner"], userId: of.learner.userId }, () =>
    Progress.glance({ courseId: of.courseId }),
  );
  expect(again).toEqual(learner.progress);
});

test("taken and malformed addresses are refused", { timeout: 60_000 }, async () => {
  const of = await learned();
  const other = await learned();
  await expect(Restore.restoreBeside({ of: of.school.slug, slug: other.school.slug })).rejects.toMatchObject({
    code: "school.slug_taken",
  });
  await expect(Restore.restoreBeside({ of: of.school.slug, slug: "admin" })).rejects.toMatchObject({
    code: "slug.reserved",
  });
});

test.each(besideSteps)(
  "killed after the step %s, the same call results in one school",
  { timeout: 60_000 },
  async (step) => {
    const of = await learned();
    const slug = unique();
    expect(await die("beside", step, of.school.slug, slug)).toBe(true);
    const made = await Restore.restoreBeside({ of: of.school.slug, slug });
    expect(await School.show({ slug })).toMatchObject({ schoolId: made.schoolId, state: "active" });
    const progress = await asUser(await routeOf(made.schoolId), { roles: ["learner"], userId: of.learner.userId }, () =>
      Progress.glance({ courseId: of.courseId }),
    );
    expect(progress).toEqual(await of.asLearner(() => Progress.glance({ courseId: of.courseId })));
  },
);
