import { eq, sql } from "drizzle-orm";
import * as z from "zod";
import { lessonFormats } from "../../content/rendering/targets.ts";
import type { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { bySchool } from "../../util/collation.ts";
import { isVisible, lines, oneLine } from "../../util/text/index.ts";
import { categoryTable } from "../category/category.sql.ts";
import { assetTable, courseLevels, courseStatuses, courseTable } from "./course.sql.ts";

export const Info = z.object({
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  /** The promise in one sentence. */
  summary: z.string(),
  /** Sanitised. */
  descriptionHtml: z.string(),
  status: z.enum(courseStatuses),
  level: z.enum(courseLevels),
  language: z.string(),
  category: z.object({ id: z.string(), slug: z.string(), name: z.string() }).nullable(),
  /** A path on the school's host, or null: the page then draws a cover from the title. */
  coverUrl: z.string().nullable(),
  outcomes: z.array(z.string()),
  price: z.enum(["free"]),
  /** Of published lessons that are not empty. */
  lessonCount: z.number().int(),
  minutes: z.number().int(),
  /** When it was first published; ISO instant. */
  publishedAt: z.string().nullable(),
  /** ETag: give it back with an update. */
  version: z.number().int(),
  instructors: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type Info = z.infer<typeof Info>;

export const LessonItem = z.object({
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  format: z.enum(lessonFormats),
  minutes: z.number().int(),
  status: z.enum(["draft", "published"]),
  isPreview: z.boolean(),
  /** No text yet; an empty lesson does not count toward completion. */
  isEmpty: z.boolean(),
});
export type LessonItem = z.infer<typeof LessonItem>;

export const OutlineModule = z.object({
  id: z.string(),
  title: z.string(),
  /** Dense, from 0. */
  position: z.number().int(),
  lessons: z.array(LessonItem),
});
export type OutlineModule = z.infer<typeof OutlineModule>;

/** An id or a slug from an address: printable and of limited length. */
export const Key = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, "That is not an id.");

export const CourseRef = z.object({ courseId: Key });
export const CourseKey = z.object({ courseIdOrSlug: Key });

/** A line that people read: trimmed, in NFC, without control characters. */
export const line = (max: number) => z.string().overwrite(visibleLine).max(max, `At most ${max} characters.`);

const visibleLine = (text: string): string => {
  const line = oneLine(text);
  return isVisible(line) ? line : "";
};

/** A returned ETag, limited to its column's range. */
export const Version = z.coerce.number().int().min(0).max(2_147_483_647);

/** Text of an author, in NFC and with the line ends of Unix. */
export const body = (max: number, message = "That is too long.") => z.string().overwrite(lines).max(max, message);

export const mediaUrl = (asset: { readonly id: string; readonly fileName: string }): string =>
  pathTo.media(asset.id, asset.fileName);

/** Columns of `Info`. The select must join as `infoJoins` does; without joins drizzle writes "id" for "course"."id". */
export const infoColumns = {
  id: courseTable.id,
  slug: courseTable.slug,
  title: courseTable.title,
  summary: courseTable.summary,
  descriptionHtml: courseTable.descriptionHtml,
  status: courseTable.status,
  level: courseTable.level,
  language: courseTable.language,
  outcomes: courseTable.outcomes,
  price: courseTable.price,
  lessonCount: courseTable.lessonCount,
  minutes: courseTable.minutes,
  publishedAt: courseTable.publishedAt,
  version: courseTable.version,
  category: { id: categoryTable.id, slug: categoryTable.slug, name: categoryTable.name },
  cover: { id: assetTable.id, fileName: assetTable.fileName },
  instructors: sql<Info["instructors"]>`(
    select coalesce(json_agg(json_build_object('id', u.id, 'name', trim(u.given_name || ' ' || u.family_name))
      order by u.family_name ${bySchool}, u.given_name ${bySchool}, u.id), '[]'::json)
    from course_staff s join "user" u on u.id = s.user_id
    where s.course_id = course.id and s.role = 'instructor')`.as("instructors"),
};

type InfoRow = Omit<Info, "publishedAt" | "coverUrl"> & {
  readonly publishedAt: Date | null;
  readonly cover: { readonly id: string; readonly fileName: string } | null;
};

export const selectInfo = (tx: Db.Tx) =>
  tx
    .select(infoColumns)
    .from(courseTable)
    .leftJoin(categoryTable, eq(categoryTable.id, courseTable.categoryId))
    .leftJoin(assetTable, eq(assetTable.id, courseTable.coverAssetId));

/** Rows stay in the module; `Info` leaves it, without whatever else the select carried. */
export const toInfo = (row: InfoRow): Info => ({
  id: row.id,
  slug: row.slug,
  title: row.title,
  summary: row.summary,
  descriptionHtml: row.descriptionHtml,
  status: row.status,
  level: row.level,
  language: row.language,
  category: row.category,
  coverUrl: row.cover && mediaUrl(row.cover),
  outcomes: row.outcomes,
  price: row.price,
  lessonCount: row.lessonCount,
  minutes: row.minutes,
  publishedAt: row.publishedAt?.toISOString() ?? null,
  version: row.version,
  instructors: row.instructors,
});

/** Returns the course after the work. It may just have been removed. */
export async function infoOf(tx: Db.Tx, courseId: string): Promise<Info> {
  const [row] = await selectInfo(tx).where(eq(courseTable.id, courseId));
  if (!row) throw new DomainError("not_found", "course.not_found", "That is not available.");
  return toInfo(row);
}
