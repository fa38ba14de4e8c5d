import { eq, sql } from "drizzle-orm";
import { Actor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { cache } from "../../kernel/directory/cache.ts";
import { type courseStatuses, courseTable } from "../course/course.sql.ts";
import type { RuleLesson, Rules } from "./completion.ts";

/** The published lessons of a course in reading order, the basis of completion. Empty ones do not count. */
export interface Outline extends Rules {
  readonly courseId: string;
  readonly slug: string;
  readonly title: string;
  readonly status: (typeof courseStatuses)[number];
  readonly lessons: readonly RuleLesson[];
  /** Published lessons without a word in them. */
  readonly emptyIds: readonly string[];
}

/**
 * The columns of `toOutline` for a select from `course`. The lessons are one JSON value: decoding a row each takes the
 * client three times as long.
 */
export const outlineColumns = {
  courseId: sql<string>`course.id`.as("outline_course_id"),
  slug: sql<string>`course.slug`.as("outline_slug"),
  title: sql<string>`course.title`.as("outline_title"),
  status: sql<Outline["status"]>`course.status`.as("outline_status"),
  lessons: sql<(RuleLesson & { readonly isEmpty: boolean })[]>`(
    select coalesce(json_agg(json_build_object('id', l.id, 'slug', l.slug, 'title', l.title, 'minutes', l.minutes,
      'module', m.title, 'rule', l.completion_rule, 'isEmpty', l.is_empty) order by m.position, l.position, l.id), '[]'::json)
    from lesson l join course_module m on m.id = l.module_id
    where l.course_id = course.id and l.status = 'published')`.as("outline_lessons"),
};

type OutlineRow = Pick<Outline, "courseId" | "slug" | "title" | "status"> & {
  readonly lessons: readonly (RuleLesson & { readonly isEmpty: boolean })[];
};

export const toOutline = ({ lessons, ...course }: OutlineRow): Outline => ({
  ...course,
  lessons: lessons.filter(({ isEmpty }) => !isEmpty).map(({ isEmpty: _, ...lesson }) => lesson),
  emptyIds: lessons.filter(({ isEmpty }) => isEmpty).map(({ id }) => id),
});

/** Reads the outline of a course in one query. */
export async function readOutline(courseId: string): Promise<Outline | undefined> {
  const [row] = await Db.use((tx) =>
    tx
      .select(outlineColumns)
      .from(courseTable)
      .where(eq(courseTable.id, courseId))
      .prepare("progress_outline")
      .execute(),
  );
  return row && toOutline(row);
}

// Only recording uses the cache; reads always measure against the current course.
const remembered = cache<Outline>(10_000, (name) => readOutline(name.slice(name.indexOf("|") + 1)));

const nameOf = (courseId: string): string => `${Actor.useSchool().schoolId}|${courseId}`;

/** The outline as it was at most ten seconds ago. */
export const recentOutline = (courseId: string): Promise<Outline | undefined> => remembered.get(nameOf(courseId));

/** Reads the outline again, for a lesson the cached one lacks, and before a course counts as completed. */
export function freshOutline(courseId: string): Promise<Outline | undefined> {
  const name = nameOf(courseId);
  remembered.forget((each) => each === name);
  return remembered.get(name);
}
