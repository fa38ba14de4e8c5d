import { Catalog } from "@lectern/tenants/catalog";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { eq, ne, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { Db } from "../../kernel/db/index.ts";
import { Storage } from "../../kernel/storage/index.ts";
import { Audit } from "../../people/audit/index.ts";
import { Identity } from "../../people/identity/index.ts";
import { Enrollment } from "../enrollment/index.ts";
import { Progress } from "../progress/index.ts";
import { courseTable, lessonTable } from "./course.sql.ts";
import { Course } from "./index.ts";
import { aCourse, aPicture, enrolled } from "./testing/index.ts";

test("an instructor's new course is a draft they teach, found by its slug", async () => {
  const school = await aSchool();
  await asUser(school, { roles: ["instructor"] }, async (userId) => {
    const course = await Course.create({
      title: "  Clouds\u0000 & Rain ",
      summary: "What falls.",
      descriptionHtml: "Some **bold** words<script>alert(1)</script>",
      outcomes: ["Name ten clouds", " "],
      language: "de-CH",
    });
    expect(course).toMatchObject({
      slug: "clouds-rain",
      title: "Clouds & Rain",
      status: "draft",
      language: "de-CH",
      price: "free",
      lessonCount: 0,
      version: 1,
      publishedAt: null,
      coverUrl: null,
      outcomes: ["Name ten clouds"],
      instructors: [{ id: userId, name: "Test Person" }],
    });
    expect(course.descriptionHtml).not.toContain("script");
    expect((await Course.page({ courseIdOrSlug: "clouds-rain" })).id).toBe(course.id);
    expect((await Course.create({ title: "Clouds & rain" })).slug).toBe("clouds-rain-2");
  });
});

test("two people who choose the same title at once get two slugs", async () => {
  const school = await aSchool();
  await asUser(school, { roles: ["instructor"] }, async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => Course.create({ title: "Same" })));
    expect(new Set(made.map(({ slug }) => slug)).size).toBe(4);
  });
});

test("learners, assistants and visitors cannot make a course", async () => {
  const school = await aSchool();
  for (const role of ["learner", "assistant", "moderator"] as const)
    await asUser(school, { roles: [role] }, () =>
      expect(Course.create({ title: "X" })).rejects.toMatchObject({ kind: "forbidden" }),
    );
  await asPublic(school, () =>
    expect(Course.create({ title: "X" })).rejects.toMatchObject({ kind: "unauthenticated" }),
  );
});

test("a course is changed by its instructors and admins only, and drafts are not told of", async () => {
  const school = await aSchool();
  const draft = await aCourse(school);
  const open = await aCourse(school, { publish: true });
  const change = (courseId: string, version: number) => Course.update({ courseId, version, title: "New" });
  await asUser(school, { roles: ["instructor"] }, async () => {
    await expect(change(draft.id, 1)).rejects.toMatchObject({ kind: "not_found", code: "course.not_found" });
    await expect(change(open.id, 1)).rejects.toMatchObject({ kind: "forbidden", code: "permission.denied" });
    for (const forbidden of [Course.publish, Course.unpublish, Course.archive, Course.remove, Course.editor])
      await expect(forbidden({ courseId: open.id })).rejects.toMatchObject({ kind: "forbidden" });
    await expect(Course.setCover({ courseId: open.id, assetId: null })).rejects.toMatchObject({ kind: "forbidden" });
  });
  await asUser(school, { roles: ["learner"] }, () =>
    expect(change(open.id, 1)).rejects.toMatchObject({ kind: "forbidden" }),
  );
  await asPublic(school, () => expect(change(open.id, 1)).rejects.toMatchObject({ kind: "unauthenticated" }));
  // Guards tenant isolation: the ids are real, only the school is wrong, and the answer must not reveal it.
  await asUser(await aSchool(), { roles: ["owner", "instructor"] }, async () => {
    for (const call of [Course.publish, Course.unpublish, Course.archive, Course.remove, Course.editor, Course.assets])
      await expect(call({ courseId: open.id })).rejects.toMatchObject({ kind: "not_found", code: "course.not_found" });
    await expect(change(open.id, 1)).rejects.toMatchObject({ kind: "not_found", code: "course.not_found" });
  });
  await asUser(school, { roles: ["admin"] }, async () => {
    const { version } = await Course.page({ courseIdOrSlug: open.id });
    expect(await change(open.id, version)).toMatchObject({ title: "New", slug: open.slug, version: version + 1 });
  });
});

test("an instructor who only assists on a course cannot change, publish or delete it", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const [courseId, lessonId] = [course.id, course.lessonIds[0] ?? ""];
  const guest = await aUser(school, { roles: ["instructor"] });
  await asUser(school, course.by, () => Course.addStaff({ courseId, userId: guest.userId, role: "assistant" }));
  await asUser(school, { roles: ["instructor"], userId: guest.userId }, async () => {
    const refused = { kind: "forbidden", code: "permission.denied" };
    for (const call of [Course.publish, Course.unpublish, Course.archive, Course.remove, Course.editor])
      await expect(call({ courseId })).rejects.toMatchObject(refused);
    for (const call of [
      () => Course.update({ courseId, version: 1, title: "New" }),
      () => Course.addStaff({ courseId, userId: guest.userId, role: "instructor" }),
      () => Course.addModule({ courseId, title: "New" }),
      () => Course.updateLesson({ lessonId, version: 1, title: "New" }),
      () => Enrollment.add({ courseId, userId: guest.userId }),
      () => Progress.reset({ courseId, userId: guest.userId, reason: "because" }),
    ])
      await expect(call()).rejects.toMatchObject(refused);
    // An assistant sees the course and its learners, and teaches courses of their own.
    expect((await Progress.roster({ courseId })).items).toEqual([]);
    const own = await aCourse(school, { by: { roles: ["instructor"], userId: guest.userId }, publish: true });
    expect((await Course.unpublish({ courseId: own.id })).status).toBe("draft");
  });
  await asPublic(school, async () =>
    expect(await Course.page({ courseIdOrSlug: courseId })).toMatchObject({ title: "A course", status: "published" }),
  );
});

test("an update with an old version is stale and changes nothing", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  await asUser(school, course.by, async () => {
    const before = await Course.page({ courseIdOrSlug: course.id });
    await Course.update({ courseId: course.id, version: before.version, summary: "First" });
    await expect(
      Course.update({ courseId: course.id, version: before.version, summary: "Second" }),
    ).rejects.toMatchObject({ kind: "stale", code: "course.stale" });
    expect((await Course.page({ courseIdOrSlug: course.id })).summary).toBe("First");
    await expect(
      Course.update({ courseId: course.id, version: before.version + 1, categoryId: "cat_none" }),
    ).rejects.toMatchObject({ kind: "invalid", fields: { categoryId: expect.any(String) } });
  });
});

test("a new lesson is a draft, and learners of a published course do not see it until it is published", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const { lessonId, version } = await asUser(school, course.by, async () => {
    const { id, version, status } = await Course.addLesson({ moduleId: course.moduleId, title: "Next week" });
    expect(status).toBe("draft");
    return { lessonId: id, version };
  });
  const seen = () =>
    asPublic(school, async () => (await Course.page({ courseIdOrSlug: course.id })).modules.flatMap((m) => m.lessons));
  expect(await seen()).toHaveLength(1);
  await asUser(school, course.by, async () => {
    const empty = { kind: "invalid", code: "lesson.empty", fields: { source: expect.any(String) } };
    await expect(Course.updateLesson({ lessonId, version, status: "published" })).rejects.toMatchObject(empty);
    await expect(
      Course.addLesson({ moduleId: course.moduleId, title: "Empty", source: " \n", status: "published" }),
    ).rejects.toMatchObject(empty);
    await Course.updateLesson({ lessonId, version, source: "Words.", status: "published" });
  });
  expect(await seen()).toHaveLength(2);
});

test("every text that a save replaces is kept, can be read and brought back", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  const { id: courseId } = course;
  const lessonId = course.lessonIds[0] ?? "";
  await asUser(school, course.by, async () => {
    const first = await Course.updateLesson({ lessonId, version: 1, source: "Second." });
    // What changes no text keeps no copy, and a refused save replaces nothing.
    await Course.updateLesson({ lessonId, version: first.version, minutes: 9, source: "Second." });
    await expect(Course.updateLesson({ lessonId, version: 1, source: "Late." })).rejects.toMatchObject({
      code: "lesson.stale",
    });
    const [kept, ...others] = await Course.history({ courseId, lessonId });
    expect(others).toEqual([]);
    const read = (id = "") => Course.textVersion({ courseId, versionId: id });
    expect(await read(kept?.id)).toEqual({ ...kept, texts: { title: "Lesson 1", source: "Text 1." } });
    expect(kept?.replacedBy).toEqual(expect.any(String));
    const { version } = await Course.editor({ courseId });
    await Course.update({ courseId, version, summary: "A promise.", outcomes: ["Tie"] });
    await Course.update({ courseId, version: version + 1, summary: "Another." });
    const [newest, oldest] = await Course.history({ courseId });
    expect((await read(newest?.id)).texts).toEqual({ title: "A course", summary: "A promise.", outcomes: "Tie" });
    expect((await read(oldest?.id)).texts).toEqual({ title: "A course" });
  });
  // Guards isolation: the version is real, the course is another's.
  const other = await aCourse(school);
  await asUser(school, other.by, async () => {
    await expect(Course.history({ courseId, lessonId })).rejects.toMatchObject({ kind: "not_found" });
    const mine = await asUser(school, course.by, () => Course.history({ courseId, lessonId }));
    await expect(Course.textVersion({ courseId: other.id, versionId: mine[0]?.id ?? "" })).rejects.toMatchObject({
      kind: "not_found",
      code: "version.not_found",
    });
  });
});

test("a course with empty lessons is not published; they are named, and become drafts on request", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 3 });
  const { id: courseId } = course;
  // As an import may leave them.
  await asSystem(school, () =>
    Db.use((tx) => tx.update(lessonTable).set({ html: "<p> </p>" }).where(ne(lessonTable.title, "Lesson 2"))),
  );
  await asUser(school, course.by, async () => {
    await Course.addLesson({ moduleId: course.moduleId, title: "Written draft", source: "Words." });
    await expect(Course.publish({ courseId })).rejects.toMatchObject({
      code: "course.not_ready",
      fields: {
        lessons: "Write something in each published lesson, or make it a draft: “Lesson 1”, “Lesson 3”.",
      },
    });
    const { emptyLessons, lessonCount } = await Course.editor({ courseId });
    expect(emptyLessons.map(({ title }) => title)).toEqual(["Lesson 1", "Lesson 3"]);
    expect(lessonCount).toBe(1);
    expect(await Course.publish({ courseId, empty: "draft" })).toMatchObject({ status: "published", lessonCount: 1 });
    expect(await Course.publish({ courseId, drafts: "publish" })).toMatchObject({ lessonCount: 2 });
    expect((await Course.editor({ courseId })).modules[0]?.lessons.map(({ status }) => status)).toEqual([
      "draft",
      "published",
      "draft",
      "published",
    ]);
  });
});

test("publishing lists what to fix, writes the trail and one event, and twice is once", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 0 });
  await asUser(school, course.by, async () => {
    await expect(Course.publish({ courseId: course.id })).rejects.toMatchObject({
      kind: "invalid",
      code: "course.not_ready",
      fields: { lessons: "Write a lesson and publish it." },
    });
    const lesson = await Course.addLesson({ moduleId: course.moduleId, title: "One", source: "" });
    const { lessonId, version } = { lessonId: lesson.id, version: lesson.version };
    await expect(Course.publish({ courseId: course.id, drafts: "publish" })).rejects.toMatchObject({
      fields: { lessons: "Write a lesson and publish it." },
    });
    await Course.updateLesson({ lessonId, version, source: "Hello.", status: "published" });
    const published = await Course.publish({ courseId: course.id });
    expect(published.status).toBe("published");
    expect(published.publishedAt).toMatch(/^\d{4}-.*Z$/);
    expect(await Course.publish({ courseId: course.id })).toEqual(published);
    const events = await Catalog.use(school.cell, (tx) =>
      tx.execute(sql`select id from bus.outbox where school_id = ${school.schoolId} and type = 'course.published'`),
    );
    expect(events).toHaveLength(1);
    const draft = await Course.unpublish({ courseId: course.id });
    expect(draft).toMatchObject({ status: "draft", publishedAt: published.publishedAt });
    expect((await Course.archive({ courseId: course.id })).status).toBe("archived");
  });
  await asUser(school, { roles: ["admin"] }, async () => {
    const trail = await Audit.list({ targetId: course.id });
    expect(trail.items.map(({ action }) => action)).toEqual([
      "course.archived",
      "course.unpublished",
      "course.published",
    ]);
  });
});

test("someone enrolled keeps a course that leaves the catalog; nobody else does", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const learner = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, learner.userId);
  const read = () => Course.page({ courseIdOrSlug: course.slug });
  for (const close of [Course.unpublish, Course.archive]) {
    await asUser(school, course.by, () => close({ courseId: course.id }));
    await asUser(school, { roles: ["learner"], userId: learner.userId }, async () =>
      expect((await read()).enrollment).toBe("active"),
    );
    await asUser(school, { roles: ["learner"] }, () => expect(read()).rejects.toMatchObject({ kind: "not_found" }));
    await asPublic(school, () => expect(read()).rejects.toMatchObject({ kind: "not_found", code: "course.not_found" }));
  }
});

test("a course with learners is archived before it can be removed, and its files go with it", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const learner = await aUser(school, { roles: ["learner"] });
  await enrolled(school, course.id, learner.userId);
  await asUser(school, course.by, async () => {
    const picture = await aPicture(course.id);
    expect(await Storage.head({ key: picture.key })).toBeDefined();
    await expect(Course.remove({ courseId: course.id })).rejects.toMatchObject({
      kind: "conflict",
      code: "course.has_learners",
    });
    await Course.archive({ courseId: course.id });
    expect(await Course.remove({ courseId: course.id })).toEqual({ courseId: course.id });
    await expect(Course.remove({ courseId: course.id })).rejects.toMatchObject({ kind: "not_found" });
    expect(await Storage.head({ key: picture.key })).toBeUndefined();
  });
  const rows = await asSystem(school, () =>
    Db.use((tx) => tx.select().from(courseTable).where(eq(courseTable.id, course.id))),
  );
  expect(rows).toEqual([]);
});

test("a cover is a picture of the same course", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  const other = await aCourse(school, { by: course.by });
  await asUser(school, course.by, async () => {
    const mine = await aPicture(course.id);
    const foreign = await aPicture(other.id);
    const covered = await Course.setCover({ courseId: course.id, assetId: mine.id });
    expect(covered.coverUrl).toBe(`/media/${mine.id}/a%20picture.png`);
    await expect(Course.setCover({ courseId: course.id, assetId: foreign.id })).rejects.toMatchObject({
      kind: "invalid",
      code: "cover.not_an_image",
    });
    expect((await Course.setCover({ courseId: course.id, assetId: null })).coverUrl).toBeNull();
  });
});

test("a course keeps an instructor, and only people who could teach are put on its staff", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const teacher = await aUser(school, { roles: ["instructor"] });
  const helper = await aUser(school, { roles: ["assistant"] });
  const learner = await aUser(school, { roles: ["learner"] });
  const courseId = course.id;
  await asUser(school, course.by, async () => {
    await expect(Course.removeStaff({ courseId, userId: course.by.userId })).rejects.toMatchObject({
      code: "staff.last_instructor",
    });
    await expect(Course.addStaff({ courseId, userId: learner.userId })).rejects.toMatchObject({
      kind: "conflict",
      code: "staff.role_missing",
    });
    await expect(Course.addStaff({ courseId, userId: "usr_nobody" })).rejects.toMatchObject({ code: "user.not_found" });
    await Course.addStaff({ courseId, userId: teacher.userId });
    await Course.addStaff({ courseId, userId: helper.userId, role: "assistant" });
    expect((await Course.staff({ courseId })).map(({ role }) => role).sort()).toEqual([
      "assistant",
      "instructor",
      "instructor",
    ]);
  });
  await asUser(school, { roles: ["assistant"], userId: helper.userId }, async () => {
    expect((await Course.mine({})).map(({ id, role }) => [id, role])).toEqual([[courseId, "assistant"]]);
    await expect(Course.addModule({ courseId, title: "No" })).rejects.toMatchObject({ kind: "forbidden" });
  });
  await asUser(school, { roles: ["instructor"], userId: teacher.userId }, async () => {
    await Course.removeStaff({ courseId, userId: course.by.userId });
    expect(await Course.removeStaff({ courseId, userId: helper.userId })).toEqual({ courseId, userId: helper.userId });
    await expect(Course.removeStaff({ courseId, userId: helper.userId })).rejects.toMatchObject({ kind: "not_found" });
  });
  await asUser(school, course.by, () =>
    expect(Course.addStaff({ courseId, userId: helper.userId })).rejects.toMatchObject({ kind: "forbidden" }),
  );
});

test("the last instructor is not made an assistant, and a suspended person joins no staff", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  const { id: courseId } = course;
  const suspended = await aUser(school, { roles: ["instructor"] });
  await asSystem(school, () => Identity.suspend({ userId: suspended.userId }));
  await asUser(school, course.by, async () => {
    await expect(Course.addStaff({ courseId, userId: course.by.userId, role: "assistant" })).rejects.toMatchObject({
      code: "staff.last_instructor",
    });
    for (const person of [{ userId: suspended.userId }, { email: suspended.email }])
      await expect(Course.addStaff({ courseId, ...person })).rejects.toMatchObject({ code: "user.not_found" });
    expect(await Course.staff({ courseId })).toMatchObject([{ userId: course.by.userId, role: "instructor" }]);
  });
});

test("a second role takes nothing from the first: an admin who teaches reaches every course", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  for (const roles of [
    ["admin", "instructor"],
    ["instructor", "admin"],
  ] as const)
    await asUser(school, { roles }, async () =>
      expect(await Course.editor({ courseId: course.id })).toMatchObject({ id: course.id }),
    );
});

test("a teacher's shelf holds their own courses, an admin's list all of them", async () => {
  const school = await aSchool();
  const first = await aCourse(school);
  const second = await aCourse(school, { publish: true });
  await asUser(school, first.by, async () => {
    expect((await Course.mine({})).map(({ id }) => id)).toEqual([first.id]);
    await expect(Course.all({})).rejects.toMatchObject({ kind: "forbidden" });
  });
  await asUser(school, { roles: ["admin"] }, async () => {
    const page = await Course.all({ limit: 1 });
    expect(page).toMatchObject({ total: 2, items: [{ id: second.id }] });
    expect((await Course.all({ limit: 1, cursor: page.nextCursor ?? "" })).items).toMatchObject([{ id: first.id }]);
    expect((await Course.all({ status: "draft", q: "course" })).items).toMatchObject([{ id: first.id }]);
    expect(await Course.mine({})).toEqual([]);
  });
  await asUser(school, { roles: ["learner"] }, () =>
    expect(Course.all({})).rejects.toMatchObject({ kind: "forbidden" }),
  );
});

test("the studio gets everything of a course at once", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 2 });
  await asUser(school, course.by, async () => {
    const editor = await Db.counted(async () => {
      const all = await Course.editor({ courseId: course.id });
      expect(Db.queryCount()).toBeLessThanOrEqual(5);
      return all;
    });
    expect(editor).toMatchObject({ learners: 0, missing: {}, categories: [], staff: [{ userId: course.by.userId }] });
    expect(editor.modules[0]?.lessons).toHaveLength(2);
  });
});
