import { randomBytes } from "node:crypto";
import { GetObjectTaggingCommand } from "@aws-sdk/client-s3";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { Resource } from "sst";
import { beforeAll, describe, expect, test } from "vitest";
import { memoryTree } from "../../content/archive/index.ts";
import { dangers } from "../../content/testing/browser.ts";
import { fixture, sharedFixture, without } from "../../content/testing/fixtures.ts";
import { zipBytes } from "../../content/testing/zip-bytes.ts";
import type { Route } from "../../kernel/actor/index.ts";
import { Aws } from "../../kernel/aws/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { Storage } from "../../kernel/storage/index.ts";
import { Identity } from "../../people/identity/index.ts";
import { assetTable, courseTable, lessonTable } from "../course/course.sql.ts";
import { Course } from "../course/index.ts";
import { enrolled, pixel } from "../course/testing/index.ts";
import { importTable } from "./course-import.sql.ts";
import { CourseImport } from "./index.ts";

let school: Route;
let other: Route;
beforeAll(async () => {
  [school, other] = await Promise.all([aSchool(), aSchool()]);
});

const zipped = (files: Record<string, string | Buffer>): Buffer =>
  zipBytes(Object.entries(files).map(([name, content]) => ({ name, content })));

const small = {
  "README.md": "# Knots\n\nHow to tie the ones that hold, and the ones that come undone when they should.",
  "1-basics/README.md": "# Basics\n\n![A rope](../rope.png) and [next](bowline.md#steps) and [lost](gone.md)",
  "1-basics/bowline.md": "# The bowline\n\n## Steps\n\nBack to [the start](README.md). [Sheet](../sheet.pdf)",
  "2-more/hitch.md": "---\ndraft: true\n---\n# The hitch\n\nText",
  "rope.png": pixel,
  "sheet.pdf": "%PDF-1.4 small",
};

const countRows = () =>
  Db.use(async (tx) => {
    const [courses, lessons, assets, imports] = await Promise.all([
      tx.$count(courseTable),
      tx.$count(lessonTable),
      tx.$count(assetTable),
      tx.$count(importTable),
    ]);
    return { courses, lessons, assets, imports };
  });
/** As the platform: a school's own role has no reason to read tags. */
async function tagsOf(bucket: Storage.Bucket, Key: string) {
  const Bucket = bucket === "media" ? Resource.MediaBucket.name : Resource.PackagesBucket.name;
  return (await Aws.s3().send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
}
const objects = () => Storage.list({ prefix: Storage.key("course") });

describe("a package becomes a course", () => {
  test("modules, lessons, files, resolved addresses and a report, taught by whoever imports it", async () => {
    await asUser(school, { roles: ["instructor"] }, async (userId) => {
      const result = await CourseImport.run({ buffer: zipped(small), fileName: "knots.zip" });
      expect(result).toMatchObject({ title: "Knots", kind: "markdown", modules: 3, lessons: 4 });
      const editor = await Course.editor({ courseId: result.courseId });
      expect(
        editor.modules.map(({ title, lessons }) => [title, lessons.map((lesson) => [lesson.title, lesson.status])]),
      ).toEqual([
        ["About this course", [["Knots", "published"]]],
        [
          "Basics",
          [
            ["Basics", "published"],
            ["The bowline", "published"],
          ],
        ],
        ["More", [["The hitch", "draft"]]],
      ]);
      const page = await Course.page({ courseIdOrSlug: "knots" });
      expect(page).toMatchObject({
        id: result.courseId,
        status: "draft",
        summary: expect.stringContaining("How to tie"),
        lessonCount: 3,
      });
      expect(page.instructors.map(({ id }) => id)).toEqual([userId]);
      const basics = await Course.lesson({ courseIdOrSlug: "knots", lessonIdOrSlug: "basics" });
      expect(basics.lesson.html).toMatch(
        /<img src="\/media\/ast_[0-9a-z]{26}\/rope.png" alt="A rope" loading="lazy" decoding="async">/,
      );
      expect(basics.lesson.html).toContain('<a href="/learn/knots/the-bowline#c-steps">next</a> and lost');
      expect(basics.lesson.source).toMatch(
        /!\[A rope\]\(asset:ast_[0-9a-z]{26}\) and \[next\]\(lesson:les_[0-9a-z]{26}#steps\) and \[lost\]\(gone.md\)/,
      );
      const assets = (await Course.assets({ courseId: result.courseId })).items;
      expect(assets.map(({ fileName, contentType }) => [fileName, contentType]).sort()).toEqual([
        ["rope.png", "image/png"],
        ["sheet.pdf", "application/pdf"],
      ]);
      const rope = assets.find(({ fileName }) => fileName === "rope.png");
      const stored = await Course.asset({ assetId: rope?.id ?? "" });
      expect(Buffer.from((await Storage.get({ key: stored.key }))?.body ?? []).equals(pixel)).toBe(true);
      expect(result.dropped).toContainEqual(expect.objectContaining({ what: "1-basics/gone.md" }));
      const kept = await CourseImport.get({ importId: result.importId });
      expect(kept).toMatchObject({ status: "done", percent: 100, courseId: result.courseId, report: { lessons: 4 } });
    });
  });

  test("an author's edit keeps the addresses", async () => {
    await asUser(school, { roles: ["instructor"] }, async () => {
      const { courseId } = await CourseImport.run({ buffer: zipped(small), fileName: "knots.zip" });
      const { modules } = await Course.editor({ courseId });
      const found = modules[1]?.lessons[0];
      const slug = (await Course.page({ courseIdOrSlug: courseId })).slug;
      const before = await Course.lesson({ courseIdOrSlug: courseId, lessonIdOrSlug: found?.id ?? "" });
      const after = await Course.updateLesson({
        lessonId: found?.id ?? "",
        version: 1,
        source: `${before.lesson.source}\n\nMore.`,
      });
      expect(after.html).toContain(`/learn/${slug}/the-bowline#c-steps`);
      expect(after.html).toContain("/media/ast_");
    });
  });

  test("the same package again is another course under another address", async () => {
    await asUser(school, { roles: ["instructor"] }, async () => {
      const runs = await Promise.all(
        [1, 2, 3].map(() => CourseImport.run({ tree: memoryTree("twice", { "a.md": "# Twice", "b.md": "# B" }) })),
      );
      const slugs = await Promise.all(
        runs.map(async ({ courseId }) => (await Course.page({ courseIdOrSlug: courseId })).slug),
      );
      expect(new Set(slugs).size).toBe(3);
      for (const [i, { courseId }] of runs.entries()) {
        const { modules } = await Course.editor({ courseId });
        const view = await Course.lesson({
          courseIdOrSlug: courseId,
          lessonIdOrSlug: modules[0]?.lessons[0]?.id ?? "",
        });
        expect(view.course.slug).toBe(slugs[i]);
      }
    });
  });

  test("publishing at once; with nothing to read it stays a draft that says so", async () => {
    await asSystem(school, async () => {
      const shown = await CourseImport.run({ buffer: zipped(small), fileName: "k.zip", publish: true });
      expect((await Course.page({ courseIdOrSlug: shown.courseId })).status).toBe("published");
      const drafts = await CourseImport.fromPath({ path: fixture("imscc/latex.imscc"), publish: true });
      expect(await Course.page({ courseIdOrSlug: drafts.courseId })).toMatchObject({
        status: "published",
        lessonCount: 2,
      });
      const empty = await CourseImport.fromPath({ path: fixture("imscc/grouptest.imscc"), publish: true });
      expect(empty).toMatchObject({ modules: 0, lessons: 0, title: "questionGroupCourse" });
      expect(empty.dropped.length).toBeGreaterThan(10);
      expect((await Course.page({ courseIdOrSlug: empty.courseId })).status).toBe("draft");
    });
  });

  test("real courses: every lesson safe, every file of theirs there", async () => {
    const paths = [
      fixture("iot-for-beginners"),
      fixture("imscc/canvas_cc_gem_course.imscc"),
      ...["markdown-course/iot-for-beginners", "imscc/allyworkshop.imscc", "imscc/loaded_course.imscc"].flatMap(
        (name) => sharedFixture(name) ?? [],
      ),
    ];
    await asSystem(school, async () => {
      for (const path of paths) {
        const { courseId, lessons } = await CourseImport.fromPath({ path, publish: true });
        const rows = await Db.use((tx) => tx.select().from(lessonTable).where(eq(lessonTable.courseId, courseId)));
        expect(rows).toHaveLength(lessons);
        const assets = await Db.use((tx) => tx.select().from(assetTable).where(eq(assetTable.courseId, courseId)));
        const known = new Set(assets.map(({ id }) => id));
        const slugs = new Set(rows.map(({ slug }) => slug));
        for (const row of rows) {
          expect(dangers(row.html)).toEqual([]);
          expect(row.html).not.toMatch(/="(?:asset|lesson|missing):/);
          for (const [, id] of row.html.matchAll(/\/media\/(ast_[0-9a-z]{26})/g))
            expect(known.has(id ?? "")).toBe(true);
          for (const [, slug] of row.html.matchAll(/"\/learn\/[^/]+\/([^"#]+)/g))
            expect(slugs.has(decodeURIComponent(slug ?? ""))).toBe(true);
        }
      }
    });
  }, 120_000);

  test.skipIf(without("imscc"))("a cover is taken over (skipped where the shared fixtures are absent)", async () => {
    await asSystem(school, async () => {
      const { courseId } = await CourseImport.fromPath({ path: sharedFixture("imscc/allyworkshop.imscc") ?? "" });
      expect((await Course.page({ courseIdOrSlug: courseId })).coverUrl).toMatch(/^\/media\/ast_/);
    });
  });
});

describe("a refusal writes nothing", () => {
  test.each([
    [
      "a hostile archive",
      () => zipBytes([{ name: "a.md", content: "# A" }, { name: "../b.md" }]),
      "archive.path_escape",
    ],
    ["a damaged one", () => zipped(small).subarray(0, -30), "archive.corrupt"],
    ["no course", () => zipped({ "a.pdf": "x" }), "package.unknown"],
    [
      "XML that reaches out",
      () =>
        zipped({ "imsmanifest.xml": '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><manifest>&x;</manifest>' }),
      "xml.doctype",
    ],
  ])("%s", async (_, bytes, code) => {
    await asUser(other, { roles: ["instructor"] }, async () => {
      await expect(CourseImport.run({ buffer: bytes(), fileName: "x.zip" })).rejects.toMatchObject({
        kind: "invalid",
        code,
      });
      expect(await countRows()).toEqual({ courses: 0, lessons: 0, assets: 0, imports: 0 });
      expect(await objects()).toEqual([]);
    });
  });

  test("a transaction that fails takes its files with it", async () => {
    await asUser(other, { roles: ["instructor"] }, async () => {
      // A title Postgres cannot store: only the last step notices.
      const tree = memoryTree("x", {
        "a.md": "# A\n\n![r](rope.png)",
        "b.md": '---\ntitle: "n\\0l"\n---\nx',
        "rope.png": pixel,
      });
      await expect(CourseImport.run({ tree })).rejects.toThrow();
      expect(await countRows()).toEqual({ courses: 0, lessons: 0, assets: 0, imports: 0 });
      expect(await objects()).toEqual([]);
    });
  });

  test("who may not create courses may not import", async () => {
    const input = { buffer: zipped(small), fileName: "x.zip" };
    await asUser(other, { roles: ["learner"] }, async () => {
      await expect(CourseImport.run(input)).rejects.toMatchObject({ kind: "forbidden" });
      await expect(CourseImport.upload({})).rejects.toMatchObject({ kind: "forbidden" });
      await expect(CourseImport.list({})).rejects.toMatchObject({ kind: "forbidden" });
    });
    await asPublic(other, () => expect(CourseImport.run(input)).rejects.toMatchObject({ kind: "unauthenticated" }));
  });
});

/** Posts a file as a browser's form does. */
async function post(upload: Storage.Upload, bytes: Buffer, fileName: string): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
  form.append("file", new Blob([new Uint8Array(bytes)]), fileName);
  return fetch(upload.url, { method: "POST", body: form, redirect: "manual" });
}

describe("an uploaded package", () => {
  const uploaded = async (bytes: Buffer, fileName: string): Promise<string> => {
    const upload = await CourseImport.upload({});
    const answer = await post(upload, bytes, fileName);
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toContain(`/studio/import/${upload.importId}?uploaded`);
    return upload.importId;
  };
  test("brings the browser back to the host of the school that it was at", async () => {
    await asUser(school, { roles: ["instructor"] }, async () => {
      const upload = await CourseImport.upload({ here: "https://learn.example.edu:8443/" });
      const answer = await post(upload, zipped(small), "My knots.zip");
      expect(answer.headers.get("location")).toMatch(
        new RegExp(`^https://learn\\.example\\.edu:8443/studio/import/${upload.importId}\\?uploaded`),
      );
    });
  });
  const processed = (importId: string) => asSystem(school, () => CourseImport.process(importId));

  test("what somebody uploads before their suspension becomes no course after it", async () => {
    const { userId } = await aUser(school, { roles: ["instructor"] });
    const importId = await asUser(school, { roles: ["instructor"], userId }, async () => {
      const id = await uploaded(zipped(small), "knots.zip");
      await CourseImport.start({ importId: id });
      return id;
    });
    await asSystem(school, () => Identity.suspend({ userId }));
    await processed(importId);
    const report = await asSystem(school, () => CourseImport.get({ importId }));
    expect(report).toMatchObject({ status: "failed", courseId: null, refusal: { code: "import.author_gone" } });
  });

  test("is queued once, read by the worker once, and its draft can be undone", async () => {
    const { userId } = await aUser(school, { roles: ["instructor"] });
    const person = { roles: ["instructor"] as const, userId };
    const importId = await asUser(school, person, async () => {
      const id = await uploaded(zipped(small), "My knots.zip");
      const started = await CourseImport.start({ importId: id });
      expect(started).toMatchObject({ status: "queued", fileName: "My knots.zip", report: null });
      expect(await CourseImport.start({ importId: id })).toEqual(started);
      return id;
    });
    await processed(importId);
    await processed(importId);
    await asUser(school, person, async () => {
      const done = await CourseImport.get({ importId });
      expect(done).toMatchObject({ status: "done", percent: 100, title: "Knots", report: { modules: 3, lessons: 4 } });
      const courseId = done.courseId ?? "";
      expect((await Course.page({ courseIdOrSlug: courseId })).instructors.map(({ id }) => id)).toEqual([userId]);
      expect((await CourseImport.list({})).items.map(({ id }) => id)).toEqual([importId]);
      const packages = () => Storage.list({ bucket: "packages", prefix: Storage.key("import", importId) });
      const [kept] = await packages();
      expect(await tagsOf("packages", kept?.key ?? "")).toEqual([{ Key: "kind", Value: "original" }]);
      // What lessons play is never marked, however old it gets.
      const files = await Storage.list({ prefix: Storage.key("course", courseId) });
      expect(files.length).toBeGreaterThan(0);
      for (const { key } of files) expect(await tagsOf("media", key)).toEqual([]);
      await Course.publish({ courseId });
      await expect(CourseImport.undo({ importId })).rejects.toMatchObject({
        kind: "conflict",
        code: "import.published",
      });
      await Course.unpublish({ courseId });
      expect(await CourseImport.undo({ importId })).toMatchObject({ status: "undone", courseId: null });
      expect(await packages()).toEqual([]);
      expect(await CourseImport.undo({ importId })).toMatchObject({ status: "undone" });
      await expect(Course.page({ courseIdOrSlug: courseId })).rejects.toMatchObject({ kind: "not_found" });
      expect(await Storage.list({ prefix: Storage.key("course", courseId) })).toEqual([]);
    });
  });

  test("with learners in its course is not undone", async () => {
    await asUser(school, { roles: ["instructor"] }, async () => {
      const { importId, courseId } = await CourseImport.run({ buffer: zipped(small), fileName: "k.zip" });
      await enrolled(school, courseId, (await aUser(school, { roles: ["learner"] })).userId);
      await expect(CourseImport.undo({ importId })).rejects.toMatchObject({ code: "course.has_learners" });
    });
  });

  test("that is refused tells its code, and is not tried again", async () => {
    const importId = await asUser(school, { roles: ["instructor"] }, async () => {
      const id = await uploaded(zipBytes([{ name: "../x.md" }]), "evil.zip");
      await CourseImport.start({ importId: id });
      return id;
    });
    await processed(importId);
    await asSystem(school, async () => {
      const failed = await CourseImport.get({ importId });
      expect(failed).toMatchObject({
        status: "failed",
        courseId: null,
        report: null,
        refusal: { code: "archive.path_escape" },
      });
      await CourseImport.process(importId);
      expect(await CourseImport.get({ importId })).toEqual(failed);
      await expect(CourseImport.undo({ importId })).rejects.toMatchObject({ code: "import.not_done" });
    });
  });

  test("of a worker that died is taken over, and makes one course", async () => {
    const importId = await asUser(school, { roles: ["instructor"] }, async () => {
      const id = await uploaded(zipped(small), "knots.zip");
      await CourseImport.start({ importId: id });
      return id;
    });
    await asSystem(school, async () => {
      const set = (values: Partial<typeof importTable.$inferInsert>) =>
        Db.use((tx) => tx.update(importTable).set(values).where(eq(importTable.id, importId)));
      await set({ status: "running" });
      await expect(CourseImport.process(importId)).rejects.toThrow("being worked on");
      // What the dead one left behind.
      const leftover = Storage.key("course", importId.replace("imp_", "crs_"), "ast_x", "rope.png");
      await Storage.put({ key: leftover, body: pixel, contentType: "image/png" });
      await set({ updatedAt: new Date(Date.now() - 5 * 60_000) });
      await CourseImport.process(importId);
      expect(await CourseImport.get({ importId })).toMatchObject({
        status: "done",
        courseId: importId.replace("imp_", "crs_"),
      });
      expect(await Storage.head({ key: leftover })).toBeUndefined();
    });
  });

  test("that never arrived does not start", async () => {
    await asUser(school, { roles: ["instructor"] }, async () => {
      const { importId } = await CourseImport.upload({});
      await expect(CourseImport.start({ importId })).rejects.toMatchObject({ code: "import.not_uploaded" });
    });
  });

  test("too large is refused by storage itself", async () => {
    await asUser(school, { roles: ["instructor"] }, async () => {
      const upload = await CourseImport.upload({ redirect: null });
      const policy = JSON.parse(Buffer.from(upload.fields.Policy ?? "", "base64").toString()) as {
        conditions: unknown[];
      };
      expect(policy.conditions).toContainEqual(["content-length-range", 1, 512 * 1024 * 1024]);
    });
  });

  test("is not found by another instructor, another school, or by guessing", async () => {
    const { importId } = await asUser(school, { roles: ["instructor"] }, () =>
      CourseImport.run({ buffer: zipped(small), fileName: "k.zip" }),
    );
    const refused = { kind: "not_found", code: "import.not_found" };
    const ask = async () => {
      await expect(CourseImport.get({ importId })).rejects.toMatchObject(refused);
      await expect(CourseImport.undo({ importId })).rejects.toMatchObject(refused);
      expect((await CourseImport.list({})).items.filter(({ id }) => id === importId)).toEqual([]);
    };
    await asUser(school, { roles: ["instructor"] }, async () => {
      await ask();
      await expect(CourseImport.start({ importId })).rejects.toMatchObject(refused);
    });
    await asUser(other, { roles: ["owner"] }, ask);
    await asUser(school, { roles: ["admin"] }, async () => {
      expect(await CourseImport.get({ importId })).toMatchObject({ id: importId });
      expect((await CourseImport.list({ limit: 100 })).items.map(({ id }) => id)).toContain(importId);
    });
    await asUser(school, { roles: ["owner"] }, () =>
      expect(CourseImport.process(importId)).rejects.toMatchObject({ kind: "forbidden" }),
    );
  });
});

test("noise called .zip never breaks anything", async () => {
  await asUser(other, { roles: ["instructor"] }, async () => {
    for (let i = 0; i < 20; i++)
      await expect(
        CourseImport.run({ buffer: randomBytes(200 + i * 37), fileName: "noise.zip" }),
      ).rejects.toMatchObject({
        code: "archive.corrupt",
      });
  });
});
