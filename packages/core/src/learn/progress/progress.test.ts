import { aSchool, asUser, aUser } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { Db } from "../../kernel/db/index.ts";
import { auditTable } from "../../people/audit/audit.sql.ts";
import { lessonTable } from "../course/course.sql.ts";
import { Course } from "../course/index.ts";
import { aCourse } from "../course/testing/index.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { Enrollment } from "../enrollment/index.ts";
import { Progress } from "./index.ts";
import { freshOutline } from "./outline.ts";
import { readFacts } from "./store.ts";
import { aClass, type Class } from "./testing/index.ts";
import { unpublished } from "./testing/outbox.ts";

const done = ({ courseId, lesson }: Class, index: number) => Progress.markDone({ courseId, lessonId: lesson(index) });

/** Recording caches the outline for ten seconds; a test that changes the course does not wait for it. */
const changed = ({ courseId, asPlatform }: Class) => asPlatform(() => freshOutline(courseId));

const agrees = async (each: Class) => {
  const input = { courseId: each.courseId, userId: each.learner.userId };
  expect((await each.asPlatform(() => Progress.recompute(input))).agreed).toBe(true);
};

describe("marking done", () => {
  test("counts a lesson once: one fact, one event, however often it is asked for", async () => {
    const each = await aClass(4);
    await each.asLearner(async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => done(each, 0)));
      for (const answer of answers) expect(answer).toMatchObject({ percent: 25, completed: false, done: 1, total: 4 });
      const facts = await readFacts({ courseId: each.courseId, userId: each.learner.userId });
      expect(facts.filter((fact) => fact.kind === "done")).toHaveLength(1);
      expect(await unpublished("lesson.completed")).toHaveLength(1);
    });
  });

  test("completes the course with its last lesson, and tells so once", async () => {
    const each = await aClass(6);
    const { courseId, learner } = each;
    await each.asLearner(async () => {
      // All at the same moment: every write competes for the same version.
      await Promise.all(each.lessonIds.map((_, i) => done(each, i)));
      const mine = await Progress.of({ courseId });
      expect(mine).toMatchObject({ percent: 100, completed: true, remaining: [], resume: null, minutesLeft: 0 });
      expect(mine.explanation).toBe("You have finished all 6 lessons.");
      expect(await unpublished("lesson.completed")).toHaveLength(6);
      const told = await unpublished("course.completed");
      expect(told.map(({ data }) => data)).toMatchObject([{ courseId, userId: learner.userId }]);
    });
    await agrees(each);
  });

  test("lessons that are watched, passed or opened complete by that, once, and take no tick", async () => {
    const each = await aClass(4);
    const { courseId, learner } = each;
    await each.asPlatform(() =>
      Db.use(async (tx) => {
        for (const [index, completionRule] of (["watched", "passed", "opened"] as const).entries())
          await tx
            .update(lessonTable)
            .set({ completionRule })
            .where(eq(lessonTable.id, each.lesson(index)));
      }),
    );
    await changed(each);
    const earn = (index: number, kind: "watched" | "passed" | "attended") =>
      each.asPlatform(() =>
        Progress.recordFor({ courseId, userId: learner.userId, lessonId: each.lesson(index), kind }),
      );
    await each.asLearner(() => expect(done(each, 0)).rejects.toMatchObject({ code: "lesson.not_ticked" }));
    expect(await earn(0, "passed")).toMatchObject({ percent: 0, doneLessonIds: [] });
    const answers = await Promise.all(Array.from({ length: 5 }, () => earn(0, "watched")));
    for (const answer of answers) expect(answer).toMatchObject({ percent: 25, doneLessonIds: [each.lesson(0)] });
    expect(await earn(1, "passed")).toMatchObject({ percent: 50 });
    await agrees(each);
    await each.asLearner(async () => {
      for (let visit = 0; visit < 2; visit++)
        for (const index of [2, 3]) await Progress.opened({ courseId, lessonId: each.lesson(index) });
      expect(await Progress.glance({ courseId })).toMatchObject({ percent: 75, completed: false });
      expect(await unpublished("lesson.completed")).toHaveLength(3);
      expect(await done(each, 3)).toMatchObject({ percent: 100, completed: true });
      expect(await unpublished("course.completed")).toHaveLength(1);
      expect((await Progress.of({ courseId })).remaining).toEqual([]);
    });
    await agrees(each);
  });

  test("is refused to who is not enrolled, and for a lesson that is not there", async () => {
    const each = await aClass(2);
    const refusal = { kind: "forbidden", code: "progress.not_enrolled" };
    await asUser(each.school, { roles: ["learner"] }, async () => {
      await expect(done(each, 0)).rejects.toMatchObject(refusal);
      await expect(Progress.opened({ courseId: each.courseId, lessonId: each.lesson(0) })).rejects.toMatchObject(
        refusal,
      );
      await expect(Progress.of({ courseId: each.courseId })).rejects.toMatchObject(refusal);
    });
    const other = await aCourse(each.school, { publish: true });
    await each.asLearner(() =>
      expect(Progress.markDone({ courseId: each.courseId, lessonId: other.lessonIds[0] ?? "" })).rejects.toMatchObject({
        kind: "not_found",
        code: "lesson.not_found",
      }),
    );
  });

  // Guards tenant isolation: both ids are real, only the school is wrong.
  test("in another school the same course is not there", async () => {
    const each = await aClass(1);
    await asUser(await aSchool(), { roles: ["learner"] }, async () => {
      await expect(done(each, 0)).rejects.toMatchObject({ code: "progress.not_enrolled" });
      await expect(Enrollment.create({ courseId: each.courseId })).rejects.toMatchObject({ code: "course.not_found" });
    });
    await asUser(await aSchool(), { roles: ["owner"] }, async () => {
      const { courseId, learner } = each;
      const place = { courseId, userId: learner.userId };
      const missing = { kind: "not_found" };
      await expect(Progress.roster({ courseId })).rejects.toMatchObject(missing);
      await expect(Progress.exportRoster({ courseId })).rejects.toMatchObject(missing);
      await expect(Progress.learner(place)).rejects.toMatchObject(missing);
      await expect(Progress.reset({ ...place, reason: "because" })).rejects.toMatchObject(missing);
      await expect(Progress.recompute(place)).rejects.toMatchObject(missing);
    });
  });
});

describe("taking a tick back", () => {
  test("appends a fact: the lesson is left again, and twice is once", async () => {
    const each = await aClass(4);
    const { courseId } = each;
    const reopen = (index: number) => Progress.reopen({ courseId, lessonId: each.lesson(index) });
    await each.asLearner(async () => {
      await done(each, 0);
      await done(each, 1);
      const answers = await Promise.all(Array.from({ length: 6 }, () => reopen(0)));
      for (const answer of answers) expect(answer).toMatchObject({ percent: 25, done: 1, total: 4 });
      const mine = await Progress.of({ courseId });
      expect(mine.doneLessonIds).toEqual([each.lesson(1)]);
      expect(mine.resume?.lessonId).toBe(each.lesson(0));
      expect(mine.facts.map(({ kind }) => kind)).toEqual(["done", "done", "reopened"]);
      // A lesson that was not done has no tick to take back.
      expect(await reopen(3)).toMatchObject({ percent: 25, done: 1 });
    });
    await agrees(each);
    await each.asLearner(async () => {
      expect(await done(each, 0)).toMatchObject({ percent: 50, done: 2 });
      await reopen(0);
      expect(await done(each, 0)).toMatchObject({ percent: 50, done: 2 });
    });
    await agrees(each);
  });

  test("a completed course stays completed, and is completed once", async () => {
    const each = await aClass(2);
    const { courseId } = each;
    await each.asLearner(async () => {
      await done(each, 0);
      await done(each, 1);
      expect(await Progress.reopen({ courseId, lessonId: each.lesson(1) })).toMatchObject({
        ...{ percent: 100, completed: true, done: 1 },
        resume: { lessonId: each.lesson(1) },
      });
      await done(each, 1);
      expect(await unpublished("course.completed")).toHaveLength(1);
    });
    await agrees(each);
  });

  test("a reset begins anew, whatever was reopened before", async () => {
    const each = await aClass(2);
    const { courseId } = each;
    await each.asLearner(async () => {
      await done(each, 0);
      await Progress.reopen({ courseId, lessonId: each.lesson(0) });
    });
    expect(await each.asLearner(() => Progress.state({ courseId }))).toMatchObject({ hasBegun: true, percent: 0 });
    await each.asTeacher(() => Progress.reset({ courseId, userId: each.learner.userId, reason: "a fresh start" }));
    await each.asLearner(async () => {
      expect(await Progress.state({ courseId })).toMatchObject({ hasBegun: false, doneLessonIds: [] });
      await Progress.opened({ courseId, lessonId: each.lesson(0) });
      expect(await Progress.state({ courseId })).toMatchObject({ hasBegun: true, percent: 0 });
      expect(await done(each, 0)).toMatchObject({ percent: 50, done: 1 });
    });
    await agrees(each);
  });
});

test("who teaches reads about the learner, and what was done when", async () => {
  const each = await aClass(2);
  await each.asLearner(() => done(each, 1));
  await each.asTeacher(async () => {
    const seen = await Progress.learner({ courseId: each.courseId, userId: each.learner.userId });
    expect(seen.explanation).toBe("Ada Lovelace has finished 1 of 2 lessons (50 %).");
    expect(seen.doneLessons).toMatchObject([{ lessonId: each.lesson(1), title: "Lesson 2", module: "Module" }]);
    expect(Math.abs(Date.now() - Date.parse(seen.doneLessons[0]?.at ?? ""))).toBeLessThan(60_000);
    expect(seen.completedAt).toBeNull();
  });
  await each.asLearner(async () => {
    await done(each, 0);
    expect((await Progress.of({ courseId: each.courseId })).completedAt).toMatch(/^\d{4}-/);
  });
});

describe("an empty lesson", () => {
  test("does not count, and cannot be done", async () => {
    const each = await aClass(3);
    // As an import may leave it: published, with nothing in it.
    await each.asPlatform(() =>
      Db.use((tx) =>
        tx
          .update(lessonTable)
          .set({ source: "", html: "<p>&nbsp;</p>\n" })
          .where(eq(lessonTable.id, each.lesson(2))),
      ),
    );
    await changed(each);
    await each.asLearner(async () => {
      await expect(done(each, 2)).rejects.toMatchObject({ kind: "conflict", code: "lesson.empty" });
      await done(each, 0);
      expect(await done(each, 1)).toMatchObject({ percent: 100, completed: true, total: 2, remaining: [] });
    });
  });
});

describe("the middle of a course", () => {
  test("is reached once, also when its lesson is reopened, and only the platform asks for it", async () => {
    const each = await aClass(6);
    const { courseId, learner } = each;
    const milestone = (index: number) =>
      each.asPlatform(() => Progress.milestone({ courseId, userId: learner.userId, lessonId: each.lesson(index) }));
    await each.asLearner(async () => {
      for (const index of [0, 1, 2]) await done(each, index);
    });
    expect([await milestone(0), await milestone(1)]).toEqual([null, null]);
    expect(await milestone(2)).toMatchObject({ title: "Algebra I", left: 3 });
    await each.asTeacher(() =>
      expect(Progress.milestone({ courseId, userId: learner.userId, lessonId: each.lesson(2) })).rejects.toMatchObject({
        kind: "forbidden",
      }),
    );
    await each.asLearner(async () => {
      await Progress.reopen({ courseId, lessonId: each.lesson(2) });
      await done(each, 2);
    });
    expect(await milestone(2)).toBeNull();
  });
});

describe("the course changes", () => {
  test("lessons added later take nothing away and are named", async () => {
    const each = await aClass(3);
    await each.asLearner(async () => {
      await done(each, 0);
      expect((await done(each, 1)).percent).toBe(67);
    });
    await each.asTeacher(async () => {
      for (const title of ["New 1", "New 2"])
        await Course.addLesson({ moduleId: each.course.moduleId, title, source: "x", status: "published" });
    });
    await changed(each);
    await each.asLearner(async () => {
      const mine = await Progress.of({ courseId: each.courseId });
      expect(mine).toMatchObject({ percent: 67, done: 2, total: 5, completed: false });
      expect(mine.explanation).toContain("2 new lessons were added since");
      expect((await done(each, 2)).percent).toBe(67);
      expect(
        (await Progress.markDone({ courseId: each.courseId, lessonId: mine.remaining[1]?.lessonId ?? "" })).percent,
      ).toBe(80);
    });
    await agrees(each);
  });

  test("a lesson published a moment ago keeps the course from completing too early", async () => {
    const each = await aClass(2);
    await each.asLearner(() => done(each, 0));
    await each.asTeacher(() =>
      Course.addLesson({ moduleId: each.course.moduleId, title: "New", source: "x", status: "published" }),
    );
    // No `changed` here: the remembered outline still says two lessons.
    await each.asLearner(async () => {
      expect(await done(each, 1)).toMatchObject({ percent: 67, completed: false });
      expect(await unpublished("course.completed")).toEqual([]);
    });
    await agrees(each);
  });

  test("a completed course stays completed when lessons are added", async () => {
    const each = await aClass(1);
    await each.asLearner(() => done(each, 0));
    await each.asTeacher(() =>
      Course.addLesson({ moduleId: each.course.moduleId, title: "New", source: "x", status: "published" }),
    );
    await changed(each);
    await each.asLearner(async () => {
      const mine = await Progress.of({ courseId: each.courseId });
      expect(mine).toMatchObject({ percent: 100, completed: true, done: 1, total: 2 });
      expect(mine.resume?.title).toBe("New");
      await Progress.markDone({ courseId: each.courseId, lessonId: mine.resume?.lessonId ?? "" });
      expect(await unpublished("course.completed")).toHaveLength(1);
    });
    await agrees(each);
  });

  test("removing what was left completes the course when the learner looks, once", async () => {
    const each = await aClass(3);
    await each.asLearner(async () => {
      await done(each, 0);
      await done(each, 1);
    });
    await each.asTeacher(() => Course.removeLesson({ lessonId: each.lesson(2) }));
    await changed(each);
    await each.asLearner(async () => {
      const looks = Array.from({ length: 4 }, () => Progress.of({ courseId: each.courseId }));
      for (const mine of await Promise.all(looks)) expect(mine).toMatchObject({ percent: 100, completed: true });
      expect(await unpublished("course.completed")).toHaveLength(1);
    });
    await agrees(each);
  });

  test("the nightly reconciliation completes those who do not come back", async () => {
    const each = await aClass(2);
    await each.asLearner(() => done(each, 0));
    await each.asTeacher(() => Course.removeLesson({ lessonId: each.lesson(1) }));
    await each.asPlatform(async () => {
      expect((await Progress.reconcile({})).enrollmentIds).toEqual([]);
      expect(await unpublished("course.completed")).toHaveLength(1);
      // Its event was published, but the certificate is missing: `reconcile` lists it until it exists.
      expect((await Progress.reconcile({})).enrollmentIds).toHaveLength(1);
    });
    await agrees(each);
  });
});

describe("reading on", () => {
  test("goes on where one left, and says what is left", async () => {
    const each = await aClass(4);
    const { courseId } = each;
    await each.asLearner(async () => {
      expect((await Progress.of({ courseId })).resume?.title).toBe("Lesson 1");
      await Progress.opened({ courseId, lessonId: each.lesson(2) });
      expect((await Progress.of({ courseId })).resume?.title).toBe("Lesson 3");
      const after = await done(each, 2);
      expect(after.resume?.title).toBe("Lesson 4");
      await done(each, 3);
      const mine = await Progress.of({ courseId });
      expect(mine.resume?.title).toBe("Lesson 1");
      expect(mine.remaining.map(({ reason }) => reason)).toEqual(["Not opened yet.", "Not opened yet."]);
      expect(mine.explanation).toBe(
        "You have finished 2 of 4 lessons (50 %). Two are left: “Lesson 1” and “Lesson 2”.",
      );
      expect(mine.facts.map(({ kind }) => kind)).toEqual(["opened", "done", "done"]);
      const { remaining, done: _, total: __, facts: ___, ...same } = mine;
      expect(await Progress.state({ courseId })).toEqual({ ...same, left: remaining.length, hasBegun: true });
    });
    await agrees(each);
  });

  test("the dashboard knows every course, and the one to go on with, in few queries", async () => {
    const each = await aClass(2);
    const second = await aCourse(each.school, { publish: true, lessons: 1, title: "Bread" });
    await each.asLearner(async () => {
      await Enrollment.create({ courseId: second.id });
      await done(each, 0);
      const [board, queries] = await Db.counted(async () => [await Progress.dashboard({}), Db.queryCount()] as const);
      expect(queries).toBe(1);
      expect(board.courses.map(({ course }) => course.title)).toEqual(["Algebra I", "Bread"]);
      expect(board.continue).toMatchObject({ percent: 50, remainingCount: 1, resume: { title: "Lesson 2" } });
      expect(board.courses[1]).toMatchObject({ percent: 0, completed: false, certificateNumber: null });
    });
  });
});

describe("staff", () => {
  test("a roster of many pages by name and by progress, each person once", async () => {
    const each = await aClass(4);
    const { courseId, school } = each;
    const people = [];
    for (let i = 0; i < 7; i += 1) {
      const person = await aUser(school, {
        roles: ["learner"],
        familyName: `Family ${String(i).padStart(2, "0")}`,
        email: `p-${"abcdefg"[i]}@example.test`,
      });
      people.push(person);
      await each.asTeacher(() => Enrollment.add({ courseId, email: person.email }));
      await asUser(school, { roles: ["learner"], userId: person.userId }, async () => {
        for (let l = 0; l < i % 4; l += 1) await done(each, l);
      });
    }
    const all = async (query: { sort: "name" | "percent" | "activity"; order?: "asc" | "desc" }) => {
      const items = [];
      for (let cursor: string | undefined; ; ) {
        const page = await Progress.roster({ courseId, limit: 3, ...query, ...(cursor && { cursor }) });
        items.push(...page.items);
        expect(page.total).toBe(8);
        if (!page.nextCursor) return items;
        cursor = page.nextCursor;
      }
    };
    await each.asTeacher(async () => {
      const byName = await all({ sort: "name" });
      expect(byName.map(({ user }) => user.name).slice(0, 3)).toEqual([
        "Test Family 00",
        "Test Family 01",
        "Test Family 02",
      ]);
      const backwards = await all({ sort: "name", order: "desc" });
      expect(backwards.map(({ user }) => user.id)).toEqual(byName.map(({ user }) => user.id).reverse());
      const byPercent = await all({ sort: "percent" });
      expect(byPercent.map(({ percent }) => percent)).toEqual([75, 50, 50, 25, 25, 0, 0, 0]);
      expect(new Set(byPercent.map(({ user }) => user.id)).size).toBe(8);
      expect(await all({ sort: "activity" })).toHaveLength(8);
      expect((await Progress.roster({ courseId, q: "family 03" })).items).toMatchObject([
        { percent: 75, remainingCount: 1 },
      ]);
      const [, queries] = await Db.counted(async () => [
        await Progress.roster({ courseId, limit: 50 }),
        Db.queryCount(),
      ]);
      expect(queries).toBeLessThanOrEqual(3);
      await expect(Progress.roster({ courseId, cursor: "nonsense" })).rejects.toMatchObject({ code: "cursor.invalid" });
    });
    // The wrong role, and an instructor of another course.
    await each.asLearner(() => expect(Progress.roster({ courseId })).rejects.toMatchObject({ kind: "forbidden" }));
    await asUser(school, { roles: ["instructor"] }, () =>
      expect(Progress.roster({ courseId })).rejects.toMatchObject({ kind: "forbidden" }),
    );
  });

  test("a roster is sorted by the school's language and searched whatever the accents", async () => {
    const each = await aClass(1);
    const { courseId, school } = each;
    for (const familyName of ["Zimmer", "Özil", "adams", "Ångström"]) {
      const { email } = await aUser(school, { roles: ["learner"], familyName });
      await each.asTeacher(() => Enrollment.add({ courseId, email }));
    }
    await each.asTeacher(async () => {
      const names: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await Progress.roster({ courseId, limit: 2, ...(cursor && { cursor }) });
        names.push(...page.items.map(({ user }) => user.name));
        if (!page.nextCursor) break;
        cursor = page.nextCursor;
      }
      const wanted = ["Test adams", "Test Ångström", "Test Özil", "Test Zimmer"];
      expect(names.filter((name) => wanted.includes(name))).toEqual(wanted);
      for (const q of ["angstrom", "ÅNGSTRÖM test"])
        expect((await Progress.roster({ courseId, q })).items.map(({ user }) => user.name)).toEqual(["Test Ångström"]);
    });
  });

  test("a roster is taken away whole, as it is sorted and filtered, in few queries and with a trace", async () => {
    const each = await aClass(4);
    const { courseId, school } = each;
    for (let i = 0; i < 5; i += 1) {
      const person = await aUser(school, {
        roles: ["learner"],
        familyName: `Family ${i}`,
        email: `q-${"abcde"[i]}@example.test`,
      });
      await each.asTeacher(() => Enrollment.add({ courseId, email: person.email }));
      await asUser(school, { roles: ["learner"], userId: person.userId }, async () => {
        for (let l = 0; l < i % 4; l += 1) await done(each, l);
      });
    }
    await each.asTeacher(async () => {
      for (const sort of ["name", "percent", "activity"] as const) {
        const [shown, taken] = await Promise.all([
          Progress.roster({ courseId, sort, limit: 50 }),
          Progress.exportRoster({ courseId, sort }),
        ]);
        expect(taken.items).toEqual(shown.items);
        expect(taken.course).toEqual(shown.course);
      }
      const found = await Progress.exportRoster({ courseId, q: "family 3", status: "active" });
      expect(found.items).toMatchObject([{ percent: 75 }]);
      const [, queries] = await Db.counted(async () => [await Progress.exportRoster({ courseId }), Db.queryCount()]);
      // People, outline, trace.
      expect(queries).toBeLessThanOrEqual(4);
    });
    const trail = await each.asPlatform(() =>
      Db.use((tx) => tx.select().from(auditTable).where(eq(auditTable.action, "roster.exported"))),
    );
    expect(trail).toHaveLength(5);
    expect(trail.map(({ data }) => data)).toContainEqual({ people: 1, status: "active", q: "family 3" });
    expect(trail[0]).toMatchObject({ targetType: "course", targetId: courseId });
    await each.asLearner(() =>
      expect(Progress.exportRoster({ courseId })).rejects.toMatchObject({ kind: "forbidden" }),
    );
    await asUser(school, { roles: ["instructor"] }, () =>
      expect(Progress.exportRoster({ courseId })).rejects.toMatchObject({ kind: "forbidden" }),
    );
  });

  test("a reset is audited, starts again from nothing, and completing again is told again", async () => {
    const each = await aClass(2);
    const { courseId, learner } = each;
    const place = { courseId, userId: learner.userId };
    await each.asLearner(async () => {
      await done(each, 0);
      await done(each, 1);
    });
    await each.asLearner(() =>
      expect(Progress.reset({ ...place, reason: "I want to" })).rejects.toMatchObject({ kind: "forbidden" }),
    );
    await each.asTeacher(async () => {
      const answer = await Progress.reset({ ...place, reason: "New edition" });
      expect(answer).toMatchObject({ percent: 0, completed: false, doneLessonIds: [] });
      const entries = await Db.use((tx) => tx.select().from(auditTable).where(eq(auditTable.action, "progress.reset")));
      expect(entries).toMatchObject([{ actorId: each.course.by.userId, data: { reason: "New edition" } }]);
      const seen = await Progress.learner(place);
      expect(seen.resets).toMatchObject([{ by: each.course.by.userId, reason: "New edition" }]);
      expect(seen.facts.filter(({ isPast }) => isPast)).toHaveLength(2);
    });
    await agrees(each);
    await each.asLearner(async () => {
      expect(await done(each, 0)).toMatchObject({ percent: 50, completed: false });
      await done(each, 1);
      expect(await unpublished("course.completed")).toHaveLength(2);
    });
    await agrees(each);
  });
});

describe("enrollment", () => {
  test("a second call is refused, and leaving and coming back keeps the progress", async () => {
    const each = await aClass(2);
    const { courseId } = each;
    await each.asLearner(async () => {
      await expect(Enrollment.create({ courseId })).rejects.toMatchObject({
        kind: "conflict",
        code: "enrollment.exists",
      });
      await done(each, 0);
      await Enrollment.withdraw({ courseId });
      await expect(done(each, 1)).rejects.toMatchObject({ code: "progress.not_enrolled" });
      await expect(Enrollment.withdraw({ courseId })).rejects.toMatchObject({ code: "enrollment.not_found" });
      expect((await Enrollment.mine({})).items).toEqual([]);
      expect(await Enrollment.create({ courseId })).toMatchObject({ status: "active" });
      expect((await Progress.of({ courseId })).percent).toBe(50);
      expect((await Enrollment.mine({})).items).toMatchObject([{ course: { title: "Algebra I" } }]);
      const rows = await Db.use((tx) =>
        tx.select().from(enrollmentTable).where(eq(enrollmentTable.courseId, courseId)),
      );
      expect(rows).toHaveLength(1);
    });
  });

  test("thirty clicks at once enroll once", async () => {
    const each = await aClass(1);
    await asUser(each.school, { roles: ["learner"] }, async () => {
      const clicks = await Promise.allSettled(
        Array.from({ length: 30 }, () => Enrollment.create({ courseId: each.courseId })),
      );
      expect(clicks.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });
  });

  test("staff add by address, and only to their own course", async () => {
    const each = await aClass(1);
    const person = await aUser(each.school, { roles: ["learner"] });
    const { courseId } = each;
    await each.asTeacher(async () => {
      await expect(Enrollment.add({ courseId, email: "nobody@example.test" })).rejects.toMatchObject({
        code: "user.not_found",
        fields: { email: expect.any(String) },
      });
      await expect(Enrollment.add({ courseId })).rejects.toMatchObject({ kind: "invalid" });
      expect(await Enrollment.add({ courseId, email: person.email.toUpperCase() })).toMatchObject({
        userId: person.userId,
      });
      await Enrollment.remove({ courseId, userId: person.userId });
      await expect(Enrollment.remove({ courseId, userId: person.userId })).rejects.toMatchObject({
        code: "enrollment.not_found",
      });
    });
    const add = () => Enrollment.add({ courseId, userId: person.userId });
    await asUser(each.school, { roles: ["instructor"] }, () =>
      expect(add()).rejects.toMatchObject({ kind: "forbidden" }),
    );
    await asUser(await aSchool(), { roles: ["owner"] }, () =>
      expect(add()).rejects.toMatchObject({ kind: "not_found" }),
    );
  });
});
