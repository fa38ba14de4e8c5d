import { and, eq, inArray } from "drizzle-orm";
import type { LessonFormat, Targets } from "../../content/rendering/targets.ts";
import type { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { assetTable, courseTable, lessonTable } from "./course.sql.ts";

/** Bytes of a lesson's source: a book of 50,000 words is as long. */
export const maxSource = 300 * 1024;

/** Looks up a source's link targets, only within its course: two queries in one round trip, none without links. */
export async function targetsOf(
  tx: Db.Tx,
  course: { readonly id: string; readonly slug: string },
  format: LessonFormat,
  source: string,
): Promise<Targets> {
  const assetIds =
    format === "file"
      ? [source.trim()]
      : [...new Set([...source.matchAll(/asset:(ast_[0-9a-z]{26})/g)].map((m) => m[1] ?? ""))];
  const lessonIds = [...new Set([...source.matchAll(/lesson:(les_[0-9a-z]{26})/g)].map((m) => m[1] ?? ""))];
  const [assets, lessons] = await Promise.all([
    assetIds.length === 0
      ? []
      : tx
          .select({ id: assetTable.id, fileName: assetTable.fileName, contentType: assetTable.contentType })
          .from(assetTable)
          .where(and(eq(assetTable.courseId, course.id), inArray(assetTable.id, assetIds))),
    lessonIds.length === 0
      ? []
      : tx
          .select({ id: lessonTable.id, slug: lessonTable.slug })
          .from(lessonTable)
          .where(and(eq(lessonTable.courseId, course.id), inArray(lessonTable.id, lessonIds))),
  ]);
  return {
    courseSlug: course.slug,
    assets: new Map(assets.map((asset) => [asset.id, asset])),
    lessons: new Map(lessons.map((lesson) => [lesson.id, lesson.slug])),
  };
}

/** The id and slug of a course that the judge has just let the actor change. */
export async function courseRow(tx: Db.Tx, courseId: string): Promise<{ id: string; slug: string }> {
  const [row] = await tx
    .select({ id: courseTable.id, slug: courseTable.slug })
    .from(courseTable)
    .where(eq(courseTable.id, courseId));
  if (!row) throw new DomainError("not_found", "course.not_found", "That is not available.");
  return row;
}
