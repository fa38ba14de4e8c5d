import { and, asc, eq, inArray } from "drizzle-orm";
import { Actor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { cache } from "../../kernel/directory/cache.ts";
import { courseModuleTable, type courseStatuses, courseTable, lessonTable } from "../course/course.sql.ts";
import type { RuleLesson, Rules } from "./completion.ts";

/**
 * The published lessons of a course in reading order, which is what completion is measured against. One in which nothing has
 * been written yet does not count.
 */
export interface Outline extends Rules {
  readonly courseId: string;
  readonly slug: string;
  readonly title: string;
  readonly status: (typeof courseStatuses)[number];
  readonly lessons: readonly RuleLesson[];
  /** Published lessons without a word in them. */
  readonly emptyIds: readonly string[];
}

/** Reads the outlines of these courses in one query. A course that does not exist is left out. */
export async function readOutlines(courseIds: readonly string[]): Promise<Map<string, Outline>> {
  const outlines = new Map<string, Outline & { lessons: RuleLesson[]; emptyIds: string[] }>();
  if (courseIds.length === 0) return outlines;
  const rows = await Db.use((tx) =>
    tx
      .select({
        courseId: courseTable.id,
        slug: courseTable.slug,
        title: courseTable.title,
        status: courseTable.status,
        lesson: { id: lessonTable.id, slug: lessonTable.slug, title: lessonTable.title, minutes: lessonTable.minutes },
        isEmpty: lessonTable.isEmpty,
        module: courseModuleTable.title,
      })
      .from(courseTable)
      .leftJoin(lessonTable, and(eq(lessonTable.courseId, courseTable.id), eq(lessonTable.status, "published")))
      .leftJoin(courseModuleTable, eq(courseModuleTable.id, lessonTable.moduleId))
      .where(inArray(courseTable.id, [...courseIds]))
      .orderBy(asc(courseModuleTable.position), asc(lessonTable.position), asc(lessonTable.id)),
  );
  for (const { courseId, slug, title, status, lesson, isEmpty, module } of rows) {
    const outline = outlines.get(courseId) ?? { courseId, slug, title, status, lessons: [], emptyIds: [] };
    outlines.set(courseId, outline);
    if (lesson && isEmpty) outline.emptyIds.push(lesson.id);
    else if (lesson) outline.lessons.push({ ...lesson, module: module ?? "" });
  }
  return outlines;
}

export const readOutline = async (courseId: string): Promise<Outline | undefined> =>
  (await readOutlines([courseId])).get(courseId);

// Only recording uses it; what a person reads is always measured against the course as it is at that moment.
const remembered = cache<Outline>(10_000, (name) => readOutline(name.slice(name.indexOf("|") + 1)));

const nameOf = (courseId: string): string => `${Actor.useSchool().schoolId}|${courseId}`;

/** The outline as it was at most ten seconds ago. */
export const recentOutline = (courseId: string): Promise<Outline | undefined> => remembered.get(nameOf(courseId));

/** Reads it anew, for a lesson the remembered outline does not know, and before a course counts as completed. */
export function freshOutline(courseId: string): Promise<Outline | undefined> {
  const name = nameOf(courseId);
  remembered.forget((each) => each === name);
  return remembered.get(name);
}
