import { aSchool, asPublic, asUser } from "@lectern/tenants/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DomainError } from "../../kernel/error/index.ts";
import { Course } from "./index.ts";
import { aCourse, aPicture } from "./testing/index.ts";

const titles = async (courseIdOrSlug: string) =>
  (await Course.page({ courseIdOrSlug })).modules.map(
    ({ title, position, lessons }) => `${position}:${title}(${lessons.map((lesson) => lesson.title).join(",")})`,
  );

test("modules are added, renamed, moved and removed, and stay numbered from 0", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 0 });
  await asUser(school, course.by, async () => {
    const [a, b, c] = await Promise.all(
      ["A", "B", "C"].map((title) => Course.addModule({ courseId: course.id, title })),
    );
    if (!a || !b || !c) throw new Error("not made");
    expect([a, b, c].map(({ position }) => position).sort()).toEqual([1, 2, 3]);
    await Course.moveModule({ moduleId: c.id, position: 0 });
    await Course.moveModule({ moduleId: a.id, position: 1 });
    await Course.moveModule({ moduleId: b.id, position: 9_999 });
    await Course.renameModule({ moduleId: b.id, title: "Last" });
    expect(await titles(course.id)).toEqual(["0:C()", "1:A()", "2:Module()", "3:Last()"]);
    expect(await Course.removeModule({ moduleId: a.id })).toMatchObject({ lessons: 0 });
    expect(await titles(course.id)).toEqual(["0:C()", "1:Module()", "2:Last()"]);
  });
});

test("any series of moves leaves every lesson once, in dense places", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 4 });
  await asUser(school, course.by, async () => {
    const other = await Course.addModule({ courseId: course.id, title: "Other" });
    const modules = [course.moduleId, other.id];
    const move = fc.record({ lesson: fc.nat(3), module: fc.nat(1), position: fc.nat(5) });
    const expected = [[...course.lessonIds], [] as string[]];
    for (const { lesson, module, position } of fc.sample(move, 25)) {
      const lessonId = course.lessonIds[lesson] ?? "";
      const moduleId = modules[module] ?? "";
      const moved = await Course.moveLesson({ lessonId, moduleId, position });
      for (const list of expected) if (list.includes(lessonId)) list.splice(list.indexOf(lessonId), 1);
      expected[module]?.splice(position, 0, lessonId);
      expect(moved).toMatchObject({ moduleId, position: expected[module]?.indexOf(lessonId) });
      const { modules: outline } = await Course.page({ courseIdOrSlug: course.id });
      expect(outline.map(({ lessons }) => lessons.map(({ id }) => id))).toEqual(expected);
    }
  });
});

test("lessons keep their slugs, and the course its count, minutes and version", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 0 });
  await asUser(school, course.by, async () => {
    const first = await Course.addLesson({
      moduleId: course.moduleId,
      title: "Intro",
      source: "word ".repeat(400),
      status: "published",
    });
    expect(first).toMatchObject({ slug: "intro", minutes: 2, position: 0, version: 1, status: "published" });
    const second = await Course.addLesson({
      ...{ moduleId: course.moduleId, title: "Intro", source: "<p>Hi</p>" },
      ...{ format: "html", minutes: 30, position: 0, status: "draft" },
    });
    expect(second).toMatchObject({ slug: "intro-2", position: 0, minutes: 30 });
    const before = await Course.page({ courseIdOrSlug: course.id });
    expect(before).toMatchObject({ lessonCount: 1, minutes: 2 });
    const renamed = await Course.updateLesson({
      ...{ lessonId: second.id, version: second.version },
      ...{ title: "Start here", status: "published", isPreview: true },
    });
    expect(renamed).toMatchObject({ slug: "intro-2", title: "Start here", version: 2, isPreview: true });
    expect(await Course.page({ courseIdOrSlug: course.id })).toMatchObject({
      ...{ lessonCount: 2, minutes: 32, version: before.version + 1 },
    });
    await expect(Course.updateLesson({ lessonId: second.id, version: 1, title: "Late" })).rejects.toMatchObject({
      kind: "stale",
      code: "lesson.stale",
    });
    expect(await Course.removeLesson({ lessonId: second.id })).toEqual({ lessonId: second.id, courseId: course.id });
    expect(await Course.page({ courseIdOrSlug: course.id })).toMatchObject({ lessonCount: 1, minutes: 2 });
    expect((await Course.lesson({ courseIdOrSlug: course.id, lessonIdOrSlug: "intro" })).lesson.id).toBe(first.id);
  });
});

test("lessons added at once get places and slugs of their own", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 0 });
  await asUser(school, course.by, async () => {
    const added = await Promise.all(
      Array.from({ length: 5 }, () =>
        Course.addLesson({ moduleId: course.moduleId, title: "Twin", source: "x", status: "published" }),
      ),
    );
    expect(added.map(({ position }) => position).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(added.map(({ slug }) => slug)).size).toBe(5);
    expect(await Course.page({ courseIdOrSlug: course.id })).toMatchObject({ lessonCount: 5, minutes: 5 });
  });
});

test("a published course keeps one published lesson", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const [lessonId = ""] = course.lessonIds;
  await asUser(school, course.by, async () => {
    const last = { kind: "conflict", code: "course.last_lesson" };
    await expect(Course.removeLesson({ lessonId })).rejects.toMatchObject(last);
    await expect(Course.removeModule({ moduleId: course.moduleId })).rejects.toMatchObject(last);
    await expect(Course.updateLesson({ lessonId, version: 1, status: "draft" })).rejects.toMatchObject(last);
    expect((await Course.page({ courseIdOrSlug: course.id })).lessonCount).toBe(1);
    await Course.unpublish({ courseId: course.id });
    expect(await Course.removeModule({ moduleId: course.moduleId })).toMatchObject({ lessons: 1 });
  });
});

test("links to lessons and files of the course are resolved, those to others are not", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 2 });
  const other = await aCourse(school, { by: course.by });
  await asUser(school, course.by, async () => {
    const picture = await aPicture(course.id);
    const foreign = await aPicture(other.id);
    const [lessonId = "", next = ""] = course.lessonIds;
    const source = [
      `![A dot](asset:${picture.id}) [Next](lesson:${next}#part) [Elsewhere](lesson:${other.lessonIds[0]})`,
      `[Not ours](asset:${foreign.id})`,
      "<script>alert(1)</script><img src=x onerror=alert(1)>",
    ].join("\n\n");
    const { html } = await Course.updateLesson({ lessonId, version: 1, source });
    expect(html).toContain(`/media/${picture.id}/a%20picture.png`);
    expect(html).toMatch(/href="\/learn\/a-course\/lesson-2#[a-z-]*part"/);
    for (const hostile of [foreign.id, other.lessonIds[0] ?? "", "<script", "onerror", "asset:", "lesson:"])
      expect(html).not.toContain(hostile);
    const preview = await Course.previewSource({ format: "markdown", source, courseId: course.id });
    expect(preview.html).toBe(html);
    expect((await Course.previewSource({ format: "html", source: "<b>x</b><script>1</script>" })).html).toBe(
      "<p><b>x</b></p>",
    );
    const file = await Course.addLesson({
      ...{ moduleId: course.moduleId, title: "File", format: "file" },
      source: picture.id,
    });
    expect(file.html).toContain(`<img src="/media/${picture.id}/a%20picture.png"`);
    await expect(
      Course.addLesson({ moduleId: course.moduleId, title: "File", format: "file", source: foreign.id }),
    ).rejects.toMatchObject({ code: "lesson.file_missing" });
    const link = await Course.addLesson({
      ...{ moduleId: course.moduleId, title: "Link", format: "link" },
      source: "https://example.org/?a=1&b=2",
    });
    expect(link.html).toContain('href="https://example.org/?a=1&amp;b=2"');
    await expect(
      Course.addLesson({ moduleId: course.moduleId, title: "Link", format: "link", source: "javascript:alert(1)" }),
    ).rejects.toMatchObject({ code: "lesson.bad_link" });
  });
});

test("nobody else changes an outline: not an instructor of another course, a learner, a visitor or another school", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const draft = await aCourse(school);
  const calls = ({ id, moduleId, lessonIds: [lessonId = ""] }: typeof course) => [
    () => Course.addModule({ courseId: id, title: "X" }),
    () => Course.renameModule({ moduleId, title: "X" }),
    () => Course.moveModule({ moduleId, position: 0 }),
    () => Course.removeModule({ moduleId }),
    () => Course.addLesson({ moduleId, title: "X" }),
    () => Course.updateLesson({ lessonId, version: 1, title: "X" }),
    () => Course.moveLesson({ lessonId, position: 0 }),
    () => Course.removeLesson({ lessonId }),
    () => Course.previewSource({ format: "html", source: "x", courseId: id }),
  ];
  const refusal = async (kind: string, made: typeof course) => {
    for (const call of calls(made)) await expect(call(), call.toString()).rejects.toMatchObject({ kind });
  };
  await asUser(school, { roles: ["instructor"] }, async () => {
    await refusal("forbidden", course);
    await refusal("not_found", draft);
  });
  await asUser(school, { roles: ["learner"] }, () => refusal("forbidden", course));
  await asPublic(school, () => refusal("unauthenticated", course));
  await asUser(await aSchool(), { roles: ["owner"] }, () => refusal("not_found", course));
  await asUser(school, course.by, async () => {
    // A module of another course, even of one's own, takes no lesson from this one.
    const mine = await aCourse(school, { by: course.by });
    await expect(
      Course.moveLesson({ lessonId: course.lessonIds[0] ?? "", moduleId: mine.moduleId, position: 0 }),
    ).rejects.toMatchObject({ kind: "not_found" });
    expect(await titles(course.id)).toEqual(["0:Module(Lesson 1)"]);
  });
});

test("whatever is given, the answer is a refusal and never a failure", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  const [lessonId = ""] = course.lessonIds;
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\u0000", "\ud800", "' or 1=1 --", "x".repeat(300)),
  );
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(2 ** 31, 2 ** 53, -1));
  await asUser(school, course.by, async () => {
    await fc.assert(
      fc.asyncProperty(text, number, async (any, n) => {
        const calls = [
          () => Course.page({ courseIdOrSlug: any }),
          () => Course.lesson({ courseIdOrSlug: course.id, lessonIdOrSlug: any }),
          () => Course.update({ courseId: course.id, version: n, title: any, summary: any }),
          () => Course.updateLesson({ lessonId, version: n, title: any, source: any, minutes: n }),
          () => Course.moveLesson({ lessonId, moduleId: any, position: n }),
          () => Course.moveModule({ moduleId: course.moduleId, position: n }),
          () => Course.previewSource({ format: "markdown", source: any }),
          () => Course.asset({ assetId: any }),
          () => Course.uploadAsset({ courseId: course.id, fileName: any, contentType: any }),
          () => Course.addStaff({ courseId: course.id, userId: any }),
        ];
        for (const call of calls) {
          const error: unknown = await call().then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (error !== undefined) expect(error, `${call}: ${error}`).toBeInstanceOf(DomainError);
        }
      }),
      { numRuns: 25 },
    );
  });
});

test("line ends of a browser's form do not change a text", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { lessons: 0 });
  await asUser(school, course.by, async () => {
    const lesson = await Course.addLesson({ moduleId: course.moduleId, title: "Lines", source: "a\r\n\r\nb\u0000" });
    expect(lesson.source).toBe("a\n\nb");
  });
});
