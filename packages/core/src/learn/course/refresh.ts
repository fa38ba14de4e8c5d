import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../kernel/db/index.ts";
import { Events } from "./course.event.ts";
import { courseModuleTable, type courseStatuses, courseTable, lessonTable } from "./course.sql.ts";
import { documentOf } from "./search.ts";

/**
 * Updates a course's row from its lessons: count and minutes of published lessons that are not empty, and the catalog's
 * search words. Call it last in every transaction that changes a title, summary, description or lessons of the course.
 * Increments the version unless `bump` is false.
 */
export async function refreshCourse(tx: Db.Tx, courseId: string, { bump = true } = {}): Promise<void> {
  const rows = await tx
    .select({
      title: courseTable.title,
      summary: courseTable.summary,
      descriptionHtml: courseTable.descriptionHtml,
      lessonTitle: lessonTable.title,
      minutes: lessonTable.minutes,
      isEmpty: lessonTable.isEmpty,
    })
    .from(courseTable)
    .leftJoin(lessonTable, and(eq(lessonTable.courseId, courseTable.id), eq(lessonTable.status, "published")))
    .leftJoin(courseModuleTable, eq(courseModuleTable.id, lessonTable.moduleId))
    .where(eq(courseTable.id, courseId))
    .orderBy(courseModuleTable.position, lessonTable.position);
  const [course] = rows;
  if (!course) return;
  const lessons = rows.flatMap((row) =>
    row.lessonTitle === null ? [] : [{ title: row.lessonTitle, minutes: row.minutes ?? 0, isEmpty: row.isEmpty }],
  );
  const written = lessons.filter((lesson) => !lesson.isEmpty);
  const document = documentOf({ ...course, lessonTitles: lessons.map((lesson) => lesson.title) });
  const changed = await tx
    .update(courseTable)
    .set({
      lessonCount: written.length,
      minutes: written.reduce((sum, lesson) => sum + lesson.minutes, 0),
      search: sql`${document.search}::tsvector`,
      typo: sql`${document.typo}::tsvector`,
      ...(bump ? { version: sql`${courseTable.version} + 1` } : {}),
    })
    .where(eq(courseTable.id, courseId))
    .returning({ id: courseTable.id, status: courseTable.status });
  await tellVisitors(changed);
}

/** Says of the published ones among these courses that visitors see something else of them now. */
export async function tellVisitors(
  courses: readonly { readonly id: string; readonly status: (typeof courseStatuses)[number] }[],
): Promise<void> {
  for (const { id, status } of courses) if (status === "published") await Events.Changed.emit({ courseId: id });
}

/** As `tellVisitors`, for callers that do not know the course's status. */
export const tellVisitorsOf = async (tx: Db.Tx, courseId: string): Promise<void> =>
  tellVisitors(
    await tx
      .select({ id: courseTable.id, status: courseTable.status })
      .from(courseTable)
      .where(eq(courseTable.id, courseId)),
  );
