import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import { sanitise } from "../../content/html/index.ts";
import { rewriteLinks } from "../../content/markdown/rewrite.ts";
import { checkLessons, encodePath, innerUrl, type Package, type PackageLesson } from "../../content/package/index.ts";
import { renderSource } from "../../content/rendering/index.ts";
import { excerpt, sentences } from "../../content/text.ts";
import { useSchool } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { log } from "../../kernel/log/index.ts";
import { Storage } from "../../kernel/storage/index.ts";
import * as Audit from "../../people/audit/index.ts";
import { oneLine } from "../../util/text/index.ts";
import { assetTable, courseModuleTable, courseStaffTable, courseTable, lessonTable } from "../course/course.sql.ts";
import type { Targets } from "../course/index.ts";
import * as Course from "../course/index.ts";
import { maxSource } from "../course/index.ts";

export interface WriteOptions {
  readonly courseId: string;
  /** The person who requested the import and becomes its instructor. */
  readonly createdBy: string | null;
  readonly publish: boolean;
  /** Between 0 and 1. */
  readonly onProgress?: (done: number) => Promise<void>;
  /** Runs in the transaction that writes the course. */
  readonly also: (tx: Db.Tx) => Promise<void>;
}

/** Objects on their way to storage at once. */
const flights = 6;

/**
 * Writes a parsed package into the school: its files to storage, then course, modules, lessons and files in one
 * transaction. A failure deletes the files again.
 */
export async function writePackage(course: Package, options: WriteOptions): Promise<void> {
  const lessons = course.modules.flatMap((module) => module.lessons);
  checkLessons(lessons.length);
  try {
    const assets = await upload(course, options);
    // A concurrent course with the same title leads to another slug, and so to other addresses in the lessons.
    for (let attempt = 1; ; attempt++) {
      const slug = await Db.use((tx) => Course.freeCourseSlug(tx, titleOf(course.title)));
      const rows = await rowsOf(course, assets, slug, options);
      if (await write(course, { assets, slug, ...rows }, options)) return;
      if (attempt === 5) throw new DomainError("unavailable", "course.slug_taken", "Please try again.", undefined, 1);
    }
  } catch (error) {
    await takeAway(options.courseId);
    throw error;
  }
}

/**
 * Deletes the files of a course that was not written. A course that exists (another worker was faster) keeps its files.
 */
async function takeAway(courseId: string): Promise<void> {
  try {
    const [stands] = await Db.use((tx) =>
      tx.select({ id: courseTable.id }).from(courseTable).where(eq(courseTable.id, courseId)),
    );
    if (!stands) await Storage.deletePrefix({ prefix: `${Storage.key("course", courseId)}/` });
  } catch (error) {
    // The original failure matters more; a later run of the same import cleans up before it begins.
    log.warn({ err: error, courseId }, "the files of an import that failed could not be deleted");
  }
}

type AssetRow = typeof assetTable.$inferInsert;

/** Stores every file under its asset's key, several at a time. By path in the package. */
async function upload(course: Package, { courseId, onProgress }: WriteOptions): Promise<Map<string, AssetRow>> {
  const rows = new Map<string, AssetRow>();
  const waiting = [...course.assets];
  const work = async (): Promise<void> => {
    for (let asset = waiting.shift(); asset; asset = waiting.shift()) {
      const body = await asset.read();
      const id = createId("asset");
      const fileName = Storage.safeFileName(asset.path);
      const key = Storage.key("course", courseId, id, fileName);
      await Storage.put({ key, body, contentType: asset.contentType });
      rows.set(asset.path, {
        ...{ id, courseId, fileName, key, path: asset.path, contentType: asset.contentType },
        bytes: body.length,
        sha256: createHash("sha256").update(body).digest("hex"),
      });
      await onProgress?.(rows.size / course.assets.length);
    }
  };
  await Promise.all(Array.from({ length: flights }, work));
  return rows;
}

interface Rows {
  readonly modules: (typeof courseModuleTable.$inferInsert)[];
  readonly lessons: (typeof lessonTable.$inferInsert)[];
}

/** Every row of the outline, its lessons rendered with the addresses they will have. Writes nothing. */
async function rowsOf(
  course: Package,
  assets: ReadonlyMap<string, AssetRow>,
  slug: string,
  { courseId, publish }: WriteOptions,
): Promise<Rows> {
  const slugFor = Course.slugAllocator([], "lesson");
  const planned = course.modules.map((module, position) => ({
    row: { id: createId("courseModule"), courseId, title: titleOf(module.title), position },
    lessons: module.lessons.map((lesson) => ({ lesson, id: createId("lesson"), slug: slugFor(lesson.title) })),
  }));
  const all = planned.flatMap(({ lessons }) => lessons);
  const idOfPath = new Map(all.map(({ lesson, id }) => [lesson.path, id]));
  const targets: Targets = {
    courseSlug: slug,
    assets: new Map([...assets.values()].map((row) => [row.id, row])),
    lessons: new Map(all.map(({ id, slug: lessonSlug }) => [id, lessonSlug])),
  };
  const toIds = (url: string): string | undefined => {
    const inner = innerUrl(url.replace(/#.*$/s, ""));
    if (!inner) return undefined;
    const id = inner.scheme === "asset" ? assets.get(inner.path)?.id : idOfPath.get(inner.path);
    // The page was unreadable after all: rendering turns its links into text.
    return id === undefined
      ? `${inner.scheme}:gone-${encodePath(inner.path)}`
      : `${inner.scheme}:${id}${url.slice(url.replace(/#.*$/s, "").length)}`;
  };
  // If every lesson is a draft, publishing would publish nothing, so `publish` then includes drafts.
  const publishesDrafts = publish && all.every(({ lesson }) => lesson.isDraft);
  const lessons: Rows["lessons"] = [];
  for (const module of planned) {
    for (const [position, { lesson, id, slug: lessonSlug }] of module.lessons.entries()) {
      const source = sourceOf(lesson, toIds);
      if (Buffer.byteLength(source) > maxSource) throw tooLong(lesson.title);
      const { html } = await renderSource(lesson.format, source, targets, { isPatient: true });
      lessons.push({
        ...{ id, courseId, moduleId: module.row.id, slug: lessonSlug, title: titleOf(lesson.title), position },
        ...{ format: lesson.format, source, html, minutes: lesson.minutes },
        status: lesson.isDraft && !publishesDrafts ? "draft" : "published",
      });
    }
  }
  return { modules: planned.map(({ row }) => row), lessons };
}

const tooLong = (title: string): DomainError =>
  new DomainError(
    "invalid",
    "package.lesson_too_long",
    `The page “${titleOf(title)}” has more than ${maxSource / 1024} KB of text. Please divide it into several pages.`,
  );

/** Paths of the package become ids of the school; every other word stays. */
function sourceOf(lesson: PackageLesson, toIds: (url: string) => string | undefined): string {
  if (lesson.format === "link") return lesson.source;
  if (lesson.format === "file") return (toIds(lesson.source) ?? lesson.source).replace(/^asset:/, "");
  if (lesson.format === "markdown") return rewriteLinks(lesson.source, toIds);
  return sanitise(lesson.source, { resolve: toIds }).html;
}

/** False, with nothing written, when someone else took the slug. */
async function write(
  course: Package,
  { assets, slug, modules, lessons }: Rows & { readonly assets: ReadonlyMap<string, AssetRow>; readonly slug: string },
  { courseId, createdBy, publish, also }: WriteOptions,
): Promise<boolean> {
  const cover = course.coverPath === undefined ? undefined : assets.get(course.coverPath);
  const summary = sentences(course.description ?? "", 300);
  return Db.use(
    async (tx) => {
      const [row] = await tx
        .insert(courseTable)
        .values({
          ...{ id: courseId, slug, title: titleOf(course.title), summary, createdBy },
          language: course.language ?? useSchool().locale,
        })
        .onConflictDoNothing({ target: courseTable.slug })
        .returning({ id: courseTable.id });
      if (!row) return false;
      if (createdBy !== null)
        await tx.insert(courseStaffTable).values({ courseId, userId: createdBy, role: "instructor" });
      for (const part of chunks(modules, 500)) await tx.insert(courseModuleTable).values(part);
      // Whole pages travel in these: few at a time keeps a message small.
      for (const part of chunks(lessons, 50)) await tx.insert(lessonTable).values(part);
      for (const part of chunks([...assets.values()], 500)) await tx.insert(assetTable).values(part);
      if (cover && Storage.imageTypes.some((type) => type === cover.contentType))
        await Course.setCover({ courseId, assetId: cover.id });
      await Course.refreshCourse(tx, courseId, { bump: false });
      await Audit.record({
        ...{ action: "course.imported", targetType: "course", targetId: courseId, targetLabel: titleOf(course.title) },
        data: { title: titleOf(course.title), lessons: lessons.length },
      });
      // A course without a page to read stays a draft, whatever was asked.
      if (publish && lessons.some((lesson) => lesson.status === "published" && lesson.html !== ""))
        await Course.publish({ courseId });
      await also(tx);
      return true;
    },
    { kind: "job" },
  );
}

/** At most what the editor takes. */
const titleOf = (title: string): string => excerpt(oneLine(title), 200) || "Untitled";

function* chunks<T>(rows: readonly T[], size: number): Generator<T[]> {
  for (let i = 0; i < rows.length; i += size) yield rows.slice(i, i + size);
}
