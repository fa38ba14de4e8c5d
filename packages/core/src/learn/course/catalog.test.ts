import { aSchool, asPublic, asUser } from "@lectern/tenants/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Route } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { Category } from "../category/index.ts";
import { Course } from "./index.ts";
import { aCourse } from "./testing/index.ts";

const find = async (q: string) => (await Course.catalog({ q })).items.map(({ title }) => title);

async function aSchoolWithCourses(): Promise<Route> {
  const school = await aSchool();
  await aCourse(school, { title: "Python for beginners", publish: true, lessonTitle: "Loops" });
  await aCourse(school, { title: "Crème brûlée at home", publish: true, lessonTitle: "Caramel" });
  await aCourse(school, {
    title: "Cloud computing",
    publish: true,
    lessonTitle: "Containers with Python and Kubernetes",
  });
  await aCourse(school, { title: "机器学习入门", publish: true });
  await aCourse(school, { title: "Python in secret" });
  return school;
}

test("courses are found by words of their title, by a beginning, and by what they teach", async () => {
  const school = await aSchoolWithCourses();
  await asPublic(school, async () => {
    expect(await find("python")).toEqual(["Python for beginners", "Cloud computing"]);
    expect(await find("PYTH begin")).toEqual(["Python for beginners"]);
    expect(await find("kubernetes")).toEqual(["Cloud computing"]);
    expect(await find("creme brulee")).toEqual(["Crème brûlée at home"]);
    expect(await find("学习")).toEqual(["机器学习入门"]);
    expect(await find("python caramel")).toEqual([]);
    expect(await find("   ")).toHaveLength(4);
  });
});

test("courses are found whatever the marks, letters and signs of a query, and a name with signs finds its own first", async () => {
  const school = await aSchool();
  for (const title of [
    "مُقَدِّمَة في البرمجة",
    "עִבְרִית למתחילים",
    "Straße und Größe",
    "Cœur et Æsir",
    "ISI ısı",
    "کتاب یک",
    "Programming in C++",
    "Programming in C#",
    "C for everyone",
    "Objective-C",
  ])
    await aCourse(school, { title: title.normalize("NFD"), publish: true });
  await asPublic(school, async () => {
    for (const [q, first] of [
      ["مقدمة", "مُقَدِّمَة في البرمجة"],
      ["עברית", "עִבְרִית למתחילים"],
      ["strasse", "Straße und Größe"],
      ["STRASSE GRÖSSE", "Straße und Größe"],
      ["coeur", "Cœur et Æsir"],
      ["aesir", "Cœur et Æsir"],
      ["isi", "ISI ısı"],
      ["كتاب يك", "کتاب یک"],
      ["C++", "Programming in C++"],
      ["c#", "Programming in C#"],
      ["C", "C for everyone"],
    ] as const)
      expect((await find(q))[0]?.normalize("NFC"), q).toBe(first.normalize("NFC"));
    expect(await find("C++")).toEqual(["Programming in C++"]);
    expect(await find("C")).toHaveLength(4);
  });
  await asUser(school, { roles: ["admin"] }, async () => {
    for (const q of ["GROSSE", "größe strasse", "gro\u0308ße"])
      expect(
        (await Course.all({ q })).items.map(({ title }) => title),
        q,
      ).toEqual(["Straße und Größe"]);
    expect((await Course.all({ q: "c++" })).items).toHaveLength(1);
  });
});

test("where nobody teaches C++, C is what was meant", async () => {
  const school = await aSchool();
  await aCourse(school, { title: "C for everyone", publish: true });
  await asPublic(school, async () =>
    expect(await Course.catalog({ q: "C++" })).toMatchObject({ total: 1, didYouMean: "c" }),
  );
});

test("a misspelt word finds what was meant, and says so", async () => {
  const school = await aSchoolWithCourses();
  await asPublic(school, async () => {
    for (const [typed, meant, first] of [
      ["pyhton", "python", "Python for beginners"],
      ["kuberntes", "kubernetes", "Cloud computing"],
      ["caramell", "caramel", "Crème brûlée at home"],
      ["cloud conputing", "cloud computing", "Cloud computing"],
      ["pyhton beginers", "python beginners", "Python for beginners"],
    ] as const) {
      const page = await Db.counted(async () => {
        const found = await Course.catalog({ q: typed });
        expect(Db.queryCount()).toBeLessThanOrEqual(3);
        return found;
      });
      expect([page.didYouMean, page.items[0]?.title], typed).toEqual([meant, first]);
    }
    expect(await Course.catalog({ q: "python" })).toMatchObject({ didYouMean: null, total: 2 });
    expect(await Course.catalog({ q: "xylophone" })).toEqual({
      items: [],
      nextCursor: null,
      total: 0,
      didYouMean: null,
    });
    const first = await Course.catalog({ q: "pyhton", limit: 1 });
    const second = await Course.catalog({ q: "pyhton", limit: 1, cursor: first.nextCursor ?? "" });
    expect([first.total, second.total, second.didYouMean]).toEqual([2, 2, "python"]);
    expect([...first.items, ...second.items].map(({ title }) => title)).toEqual(await find("python"));
  });
});

test("renaming, unpublishing and removing lessons change what is found", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { title: "Weaving", publish: true, lessons: 2, lessonTitle: "Looms" });
  const looking = (q: string) => asPublic(school, () => find(q));
  await asUser(school, course.by, async () => {
    const [first = "", second = ""] = course.lessonIds;
    const { version } = await Course.page({ courseIdOrSlug: course.id });
    await Course.update({ courseId: course.id, version, title: "Basketry", descriptionHtml: "<p>With willow.</p>" });
    expect(await looking("weaving")).toEqual([]);
    expect(await looking("willow")).toEqual(["Basketry"]);
    await Course.updateLesson({ lessonId: first, version: 1, title: "Handles" });
    await Course.removeLesson({ lessonId: second });
    expect(await looking("handles")).toEqual(["Basketry"]);
    expect(await looking("looms")).toEqual([]);
    await Course.unpublish({ courseId: course.id });
    expect(await looking("handles")).toEqual([]);
  });
});

test("the catalog lists the newest first, page by page, each course once, with the total", async () => {
  const school = await aSchool();
  const made: { readonly id: string }[] = [];
  for (let i = 0; i < 5; i++) made.push(await aCourse(school, { title: `Course ${i}`, publish: true }));
  await asPublic(school, async () => {
    for (const q of [undefined, "course"]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof Course.catalog>> = await Db.counted(async () => {
          const next = await Course.catalog({ q, limit: 2, ...(cursor ? { cursor } : {}) });
          expect(Db.queryCount()).toBeLessThanOrEqual(2);
          return next;
        });
        expect(page.total).toBe(5);
        expect(page.items[0]).not.toHaveProperty("descriptionHtml");
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor);
      expect(seen).toEqual(made.map(({ id }) => id).reverse());
    }
  });
});

test("category and level narrow both listing and search", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { title: "Algebra", publish: true });
  await aCourse(school, { title: "Algebra for artists", publish: true });
  const category = await asUser(school, { roles: ["admin"] }, () => Category.create({ name: "Mathematics" }));
  await asUser(school, course.by, async () => {
    const { version } = await Course.page({ courseIdOrSlug: course.id });
    await Course.update({ courseId: course.id, version, categoryId: category.id, level: "advanced" });
  });
  await asPublic(school, async () => {
    for (const narrow of [{ category: category.id }, { category: "mathematics" }, { level: "advanced" as const }])
      for (const q of [undefined, "algebra"])
        expect(await Course.catalog({ ...narrow, q })).toMatchObject({ total: 1, items: [{ id: course.id }] });
    expect(await Course.catalog({ category: "nothing" })).toMatchObject({ total: 0, items: [] });
    expect((await Course.catalog({ q: "algebra" })).items[0]).toMatchObject({
      title: "Algebra",
      category: { name: "Mathematics" },
    });
  });
});

test("no query, cursor or category breaks the search", async () => {
  const school = await aSchoolWithCourses();
  await asPublic(school, async () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom("'", "a:*b", "!", "& |", "\\", "<->", "%_"),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (q) => {
        expect((await Course.catalog({ q })).total).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    for (const cursor of [
      "x",
      forged([1, "crs_x", ["a' | 'b"]]),
      forged([1, null]),
      forged(["0000-01-01T00:00:00Z", "x"]),
    ])
      for (const q of ["python", undefined])
        await expect(Course.catalog({ q, cursor })).rejects.toMatchObject({ kind: "invalid", code: "cursor.invalid" });
    await expect(Course.catalog({ category: "\u0000" })).rejects.toMatchObject({ kind: "invalid" });
    await expect(Course.catalog({ limit: 101 })).rejects.toMatchObject({ kind: "invalid" });
  });
});

test("another school's courses are neither listed nor found", async () => {
  await aSchoolWithCourses();
  await asPublic(await aSchool(), async () => {
    expect(await Course.catalog({})).toEqual({ items: [], nextCursor: null, total: 0, didYouMean: null });
    expect(await find("python")).toEqual([]);
    expect(await find("pyhton")).toEqual([]);
  });
});
