import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { Db } from "../../kernel/db/index.ts";
import { Permission } from "../../kernel/permission/index.ts";
import { Course } from "./index.ts";
import { aCourse, enrolled } from "./testing/index.ts";

const page = (courseIdOrSlug: string) => Course.page({ courseIdOrSlug });
const read = (courseIdOrSlug: string, lessonIdOrSlug: string) => Course.lesson({ courseIdOrSlug, lessonIdOrSlug });

test("a course page takes two queries and a lesson two, whoever asks", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true, lessons: 3 });
  const learner = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, learner.userId);
  const count = (work: () => Promise<unknown>) => Db.counted(async () => [await work(), Db.queryCount()][1]);
  await asPublic(school, async () => expect(await count(() => page(course.slug))).toBe(2));
  await asUser(school, { roles: ["learner"], userId: learner.userId }, async () => {
    expect(await count(() => page(course.slug))).toBe(2);
    expect(await count(() => read(course.slug, "lesson-2"))).toBe(2);
  });
});

test("visitors see a published course with its published lessons only", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true, lessons: 2 });
  await asUser(school, course.by, async () => {
    await Course.updateLesson({ lessonId: course.lessonIds[1] ?? "", version: 1, status: "draft" });
    const empty = await Course.addModule({ courseId: course.id, title: "Empty" });
    expect((await page(course.id)).modules.map(({ id }) => id)).toEqual([course.moduleId, empty.id]);
    expect(await page(course.id)).toMatchObject({ canEdit: true, enrollment: null });
  });
  await asPublic(school, async () => {
    const seen = await page(course.slug);
    expect(seen).toMatchObject({ id: course.id, lessonCount: 1, canEdit: false, enrollment: null });
    expect(seen.modules).toMatchObject([{ position: 0, lessons: [{ slug: "lesson-1", format: "markdown" }] }]);
    expect(seen.modules[0]?.lessons).toHaveLength(1);
    await expect(page("no-such-course")).rejects.toMatchObject({ kind: "not_found", code: "course.not_found" });
  });
});

test("a draft is told of to its staff and admins only, in the words of a course that does not exist", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  const missing = await asPublic(school, () => page("crs_00000000000000000000000000").catch((error: Error) => error));
  for (const roles of [["learner"], ["instructor"], ["moderator"]] as const)
    await asUser(school, { roles }, async () => {
      const error = await page(course.id).catch((refusal: Error) => refusal);
      expect(error).toEqual(missing);
      await expect(read(course.id, "lesson-1")).rejects.toMatchObject({ code: "course.not_found" });
      await expect(read(course.id, "nothing")).rejects.toMatchObject({ code: "course.not_found" });
    });
  await asUser(school, { roles: ["admin"] }, async () => expect((await page(course.id)).status).toBe("draft"));
  await asSystem(school, async () => expect((await page(course.id)).status).toBe("draft"));
});

test("another school's course and lesson are not found, even by its owner", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  await asUser(await aSchool(), { roles: ["owner"] }, async () => {
    await expect(page(course.id)).rejects.toMatchObject({ code: "course.not_found" });
    await expect(page(course.slug)).rejects.toMatchObject({ code: "course.not_found" });
    await expect(read(course.id, course.lessonIds[0] ?? "")).rejects.toMatchObject({ code: "course.not_found" });
  });
});

test("a lesson's body is for the enrolled and the staff; a preview is for everyone", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true, lessons: 3 });
  const learner = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, learner.userId);
  const left = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, left.userId, "withdrawn");
  const refused = { kind: "forbidden", code: "lesson.enrollment_required" };
  await asUser(school, course.by, () =>
    Course.updateLesson({ lessonId: course.lessonIds[0] ?? "", version: 1, isPreview: true }),
  );
  await asPublic(school, async () => {
    expect((await read(course.slug, "lesson-1")).lesson.html).toContain("Text 1.");
    await expect(read(course.slug, "lesson-2")).rejects.toMatchObject(refused);
    await expect(read(course.slug, "lesson-9")).rejects.toMatchObject({ kind: "not_found", code: "lesson.not_found" });
  });
  for (const person of [{ roles: ["learner"] as const }, { roles: ["learner"] as const, userId: left.userId }])
    await asUser(school, person, () => expect(read(course.slug, "lesson-2")).rejects.toMatchObject(refused));
  await asUser(school, { roles: ["learner"], userId: learner.userId }, async () => {
    const view = await read(course.slug, "lesson-2");
    expect(view).toMatchObject({
      course: { id: course.id, slug: course.slug, title: "A course" },
      module: { id: course.moduleId, title: "Module" },
      lesson: { slug: "lesson-2", title: "Lesson 2", format: "markdown", minutes: 1, version: 1 },
      previous: { slug: "lesson-1" },
      next: { slug: "lesson-3" },
      index: 1,
      count: 3,
      enrollment: "active",
      canEdit: false,
    });
    expect(view.lesson).not.toHaveProperty("source");
    expect(view.outline[0]?.lessons).toHaveLength(3);
    expect(await read(course.id, course.lessonIds[0] ?? "")).toMatchObject({ previous: null, index: 0 });
    expect(await read(course.slug, "lesson-3")).toMatchObject({ next: null, index: 2 });
  });
  await asUser(school, course.by, async () =>
    expect((await read(course.slug, "lesson-2")).lesson.source).toBe("Text 2."),
  );
});

test("a preview is closed while its course is a draft or archived, except to its learners", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const learner = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, learner.userId);
  const graduate = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, graduate.userId, "completed");
  const [lessonId = ""] = course.lessonIds;
  await asUser(school, course.by, () => Course.updateLesson({ lessonId, version: 1, isPreview: true }));
  const decision = () => Permission.decide("course.read", { type: "lesson", id: lessonId });
  const readers = { learner: ["learner"], instructor: ["instructor"], visitor: undefined } as const;
  for (const close of [Course.unpublish, Course.archive]) {
    await asUser(school, course.by, () => close({ courseId: course.id }));
    for (const roles of Object.values(readers)) {
      const refused = async () => {
        await expect(read(course.slug, "lesson-1")).rejects.toMatchObject({ code: "course.not_found" });
        expect(await decision()).toMatchObject({ allowed: false, refusal: "not_found" });
      };
      await (roles ? asUser(school, { roles }, refused) : asPublic(school, refused));
    }
    for (const { userId } of [learner, graduate])
      await asUser(school, { roles: ["learner"], userId }, async () => {
        expect((await read(course.slug, "lesson-1")).lesson.html).toContain("Text 1.");
        expect(await decision()).toMatchObject({ allowed: true });
      });
  }
});

test("a draft lesson is not found by learners, and its neighbours skip it", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true, lessons: 3 });
  const learner = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, learner.userId);
  await asUser(school, course.by, async () => {
    await Course.updateLesson({ lessonId: course.lessonIds[1] ?? "", version: 1, status: "draft" });
    expect((await read(course.slug, "lesson-2")).lesson.status).toBe("draft");
  });
  await asUser(school, { roles: ["learner"], userId: learner.userId }, async () => {
    await expect(read(course.slug, "lesson-2")).rejects.toMatchObject({ code: "lesson.not_found" });
    expect(await Permission.decide("course.read", { type: "lesson", id: course.lessonIds[1] ?? "" })).toMatchObject({
      allowed: false,
      refusal: "not_found",
    });
    expect(await read(course.slug, "lesson-1")).toMatchObject({ next: { slug: "lesson-3" }, count: 2 });
  });
});

test("the judge says of a course what its functions do", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const draft = await aCourse(school);
  const learner = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, learner.userId);
  const ask = (permission: Permission.PermissionName, type: string, id: string) =>
    Permission.decide(permission, { type, id });
  await asUser(school, { roles: ["learner"], userId: learner.userId }, async () => {
    expect(await ask("course.read", "course", course.id)).toMatchObject({ allowed: true });
    expect(await ask("progress.record", "course", course.id)).toMatchObject({ allowed: true });
    expect(await ask("course.edit", "course", course.id)).toMatchObject({ allowed: false, refusal: "forbidden" });
    expect(await ask("course.read", "course", draft.id)).toMatchObject({ allowed: false, refusal: "not_found" });
    expect(await ask("enrollment.create", "course", course.id)).toMatchObject({ allowed: true });
    expect(await ask("enrollment.create", "course", draft.id)).toMatchObject({ allowed: false, refusal: "not_found" });
    expect(await ask("course.read", "lesson", course.lessonIds[0] ?? "")).toMatchObject({ allowed: true });
    expect(await ask("course.read", "lesson", draft.lessonIds[0] ?? "")).toMatchObject({ refusal: "not_found" });
    expect(await ask("course.read", "courseModule", course.moduleId)).toMatchObject({ allowed: true });
  });
  await asUser(school, { roles: ["learner"] }, async () => {
    expect(await ask("progress.record", "course", course.id)).toMatchObject({ refusal: "forbidden" });
    expect(await ask("course.read", "lesson", course.lessonIds[0] ?? "")).toMatchObject({
      refusal: "forbidden",
      reason: "Enroll in the course to read this lesson.",
    });
  });
  const helper = await aUser(school, { roles: ["assistant"] });
  await asUser(school, course.by, () =>
    Course.addStaff({ courseId: course.id, userId: helper.userId, role: "assistant" }),
  );
  await asUser(school, { roles: ["assistant"], userId: helper.userId }, async () => {
    expect(await ask("progress.read", "course", course.id)).toMatchObject({ allowed: true });
    expect(await ask("course.edit", "course", course.id)).toMatchObject({ allowed: false });
  });
  await asUser(await aSchool(), { roles: ["owner"] }, async () => {
    for (const [type, id] of Object.entries({
      course: course.id,
      courseModule: course.moduleId,
      lesson: course.lessonIds[0] ?? "",
    }))
      expect(await ask("course.read", type, id)).toMatchObject({ allowed: false, refusal: "not_found" });
  });
});
