import { asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Route } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { Course } from "../course/index.ts";
import { Progress } from "../progress/index.ts";
import { aClass } from "../progress/testing/index.ts";
import { enrollmentTable } from "./enrollment.sql.ts";
import { Enrollment } from "./index.ts";
import { enrollInvited } from "./invited.ts";

test("an archived course takes no learners, whether they enroll themselves, are added or are invited", async () => {
  const { school, courseId, asTeacher } = await aClass(1);
  await asTeacher(() => Course.archive({ courseId }));
  const notAvailable = { kind: "not_found", code: "course.not_found" };
  for (const role of ["learner", "instructor", "admin"] as const)
    await asUser(school, { roles: [role] }, () =>
      expect(Enrollment.create({ courseId })).rejects.toMatchObject(notAvailable),
    );
  const person = await aUser(school, { roles: ["learner"] });
  await asTeacher(() =>
    expect(Enrollment.add({ courseId, userId: person.userId })).rejects.toMatchObject(notAvailable),
  );
  const invited = { courseId, userId: person.userId, by: null };
  expect(await asSystem(school, () => Db.use((tx) => enrollInvited(tx, invited)))).toBe(false);
  const rows = await asSystem(school, () =>
    Db.use((tx) => tx.select().from(enrollmentTable).where(eq(enrollmentTable.courseId, courseId))),
  );
  expect(rows).toHaveLength(1);
});

test("a draft takes the learners whom its staff add, and no others", async () => {
  const { school, courseId, asTeacher } = await aClass(1);
  await asTeacher(() => Course.unpublish({ courseId }));
  for (const role of ["learner", "admin"] as const)
    await asUser(school, { roles: [role] }, () =>
      expect(Enrollment.create({ courseId })).rejects.toMatchObject({ code: "course.not_found" }),
    );
  const [added, invited] = [await aUser(school, { roles: ["learner"] }), await aUser(school, { roles: ["learner"] })];
  await asTeacher(async () =>
    expect(await Enrollment.add({ courseId, userId: added.userId })).toMatchObject({ status: "active" }),
  );
  const wanted = { courseId, userId: invited.userId, by: null };
  expect(await asSystem(school, () => Db.use((tx) => enrollInvited(tx, wanted)))).toBe(true);
});

test("enrolling again after leaving keeps the completion and its date", async () => {
  const { courseId, lesson, asLearner, asPlatform } = await aClass(1);
  await asLearner(() => Progress.markDone({ courseId, lessonId: lesson(0) }));
  const [before] = await asPlatform(() => Db.use((tx) => tx.select().from(enrollmentTable)));
  await asPlatform(() => Enrollment.markCompleted({ enrollmentId: before?.id ?? "" }));
  await asLearner(async () => {
    const [done] = (await Enrollment.mine({})).items;
    expect(done).toMatchObject({ status: "completed", completedAt: expect.any(String) });
    await Enrollment.withdraw({ courseId });
    expect(await Enrollment.create({ courseId })).toMatchObject({
      id: before?.id,
      status: "completed",
      completedAt: done?.completedAt,
    });
  });
});

const rowsOf = (school: Route, courseId: string) =>
  asSystem(school, () =>
    Db.use((tx) => tx.select().from(enrollmentTable).where(eq(enrollmentTable.courseId, courseId))),
  );

test("a completion recorded twice keeps its date, and does not bring back a learner who left", async () => {
  const { school, courseId, asLearner, asPlatform } = await aClass(1);
  const completed = async () => {
    const [row] = await rowsOf(school, courseId);
    await asPlatform(() => Enrollment.markCompleted({ enrollmentId: row?.id ?? "" }));
    return (await rowsOf(school, courseId))[0];
  };
  const first = await completed();
  expect(first).toMatchObject({ status: "completed", completedAt: expect.any(Date) });
  await asLearner(() => Enrollment.withdraw({ courseId }));
  expect(await completed()).toMatchObject({ status: "withdrawn", completedAt: first?.completedAt });
});

test("only the platform records a completion", async () => {
  const { school, courseId } = await aClass(1);
  const [row] = await rowsOf(school, courseId);
  await asUser(school, { roles: ["owner"] }, () =>
    expect(Enrollment.markCompleted({ enrollmentId: row?.id ?? "" })).rejects.toMatchObject({ kind: "forbidden" }),
  );
  expect(await rowsOf(school, courseId)).toMatchObject([{ status: "active", completedAt: null }]);
});

test("a reset takes the completion back, and leaves out a learner who left", async () => {
  const { school, courseId, learner, asLearner, asTeacher, asPlatform } = await aClass(1);
  const [row] = await rowsOf(school, courseId);
  await asPlatform(() => Enrollment.markCompleted({ enrollmentId: row?.id ?? "" }));
  await asLearner(() => Enrollment.withdraw({ courseId }));
  await asTeacher(() => Progress.reset({ courseId, userId: learner.userId, reason: "New edition" }));
  expect(await rowsOf(school, courseId)).toMatchObject([{ status: "withdrawn", completedAt: null }]);
  await asLearner(async () =>
    expect(await Enrollment.create({ courseId })).toMatchObject({ status: "active", completedAt: null }),
  );
});

test("people list their own enrollments only", async () => {
  const { school, courseId, asLearner } = await aClass(1);
  await asUser(school, { roles: ["learner"] }, async () => {
    expect((await Enrollment.mine({})).items).toEqual([]);
    await Enrollment.create({ courseId });
    expect((await Enrollment.mine({})).items).toHaveLength(1);
  });
  await asLearner(async () => expect((await Enrollment.mine({})).items).toHaveLength(1));
});
