import { and, eq, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { lockCourse } from "./access.ts";
import { courseModuleTable, courseTable, lessonTable } from "./course.sql.ts";
import { CourseRef, Key, line } from "./info.ts";
import { onCourse } from "./manage.ts";
import { refreshCourse, tellVisitors } from "./refresh.ts";

// Positions are dense from 0: modules within a course, lessons within a module. Each change locks the course's row, so
// concurrent reorderings run in sequence, and then writes all changed positions in one statement.

export const ModuleRef = z.object({ moduleId: Key });
export const onModule = ({ moduleId }: { moduleId: string }) => ({ type: "courseModule", id: moduleId });
/** Where to put something: 0 is first; beyond the end is last. */
export const Position = z.coerce.number().int().min(0).max(10_000);
const Title = line(200).min(1, "A module needs a title.");
const maxModules = 500;

/** Adds a module at the end. */
export const addModule = fn.on.tx(
  "course.edit",
  onCourse,
  CourseRef.extend({ title: Title }),
  async (tx, { courseId, title }) => {
    const id = createId("courseModule");
    await lockCourse(tx, courseId);
    const [counted] = await tx
      .select({ count: sql<number>`count(*)::int` })
      .from(courseModuleTable)
      .where(eq(courseModuleTable.courseId, courseId));
    const position = counted?.count ?? 0;
    if (position >= maxModules)
      throw new DomainError("conflict", "course.too_many_modules", `A course holds at most ${maxModules} modules.`);
    await tx.insert(courseModuleTable).values({ id, courseId, title, position });
    await touch(tx, courseId);
    return { id, courseId, title, position };
  },
);

export const renameModule = fn.on.tx(
  "course.edit",
  onModule,
  ModuleRef.extend({ title: Title }),
  async (tx, { moduleId, title }) => {
    const [row] = await tx
      .update(courseModuleTable)
      .set({ title })
      .where(eq(courseModuleTable.id, moduleId))
      .returning(moduleColumns);
    if (!row) throw vanished();
    await touch(tx, row.courseId);
    return row;
  },
);

export const moveModule = fn.on.tx(
  "course.edit",
  onModule,
  ModuleRef.extend({ position: Position }),
  async (tx, { moduleId, position }) => {
    const { courseId } = await lockedModule(tx, moduleId);
    await tx.execute(sql`
      update course_module m set position = placed.position, updated_at = now()
      from (${placed(sql`course_module`, sql`course_id = ${courseId}`, moduleId, position)}) placed
      where m.id = placed.id and m.position <> placed.position`);
    await touch(tx, courseId);
    const [row] = await tx.select(moduleColumns).from(courseModuleTable).where(eq(courseModuleTable.id, moduleId));
    if (!row) throw vanished();
    return row;
  },
);

/** Removes a module with all its lessons; says how many went. */
export const removeModule = fn.on.tx("course.edit", onModule, ModuleRef, async (tx, { moduleId }) => {
  const { courseId } = await lockedModule(tx, moduleId);
  const lessons = await tx
    .delete(lessonTable)
    .where(eq(lessonTable.moduleId, moduleId))
    .returning({ id: lessonTable.id });
  await tx.delete(courseModuleTable).where(eq(courseModuleTable.id, moduleId));
  await closeGaps(tx, sql`course_module`, sql`course_id = ${courseId}`);
  await refreshCourse(tx, courseId);
  await keepReadable(tx, courseId);
  return { moduleId, courseId, lessons: lessons.length };
});

const moduleColumns = {
  id: courseModuleTable.id,
  courseId: courseModuleTable.courseId,
  title: courseModuleTable.title,
  position: courseModuleTable.position,
};

/** The course of a module, with its outline held until the commit. */
export async function lockedModule(tx: Db.Tx, moduleId: string): Promise<{ courseId: string; courseSlug: string }> {
  const [row] = await tx
    .select({ courseId: courseTable.id, courseSlug: courseTable.slug })
    .from(courseModuleTable)
    .innerJoin(courseTable, eq(courseTable.id, courseModuleTable.courseId))
    .where(eq(courseModuleTable.id, moduleId))
    .for("no key update", { of: courseTable });
  if (!row) throw vanished();
  return row;
}

/** Returns each row's new position, with `movedId` (possibly from another list) at `position` or at the end. */
export const placed = (table: SQL, list: SQL, movedId: string, position: number): SQL => sql`
  select id, rank + (case when rank >= ${position}::int then 1 else 0 end) as position
  from (select id, (row_number() over (order by position, id))::int - 1 as rank
    from ${table} where ${list} and id <> ${movedId}) others
  union all
  select ${movedId}, least(${position}::int, (select count(*)::int from ${table} where ${list} and id <> ${movedId}))`;

/** Makes positions dense again after something left the list. */
export const closeGaps = (tx: Db.Tx, table: SQL, list: SQL) =>
  tx.execute(sql`
    update ${table} t set position = ranked.rank
    from (select id, (row_number() over (order by position, id))::int - 1 as rank from ${table} where ${list}) ranked
    where t.id = ranked.id and t.position <> ranked.rank`);

/** Increments the course's version: its outline is part of its ETag and of what visitors see. */
export const touch = async (tx: Db.Tx, courseId: string): Promise<void> =>
  tellVisitors(
    await tx
      .update(courseTable)
      .set({ version: sql`${courseTable.version} + 1` })
      .where(eq(courseTable.id, courseId))
      .returning({ id: courseTable.id, status: courseTable.status }),
  );

/** A published course keeps at least one published lesson that is not empty; the refusal rolls the change back. */
export async function keepReadable(tx: Db.Tx, courseId: string): Promise<void> {
  const [row] = await tx
    .select({ status: courseTable.status })
    .from(courseTable)
    .where(and(eq(courseTable.id, courseId), eq(courseTable.status, "published"), eq(courseTable.lessonCount, 0)));
  if (row)
    throw new DomainError(
      "conflict",
      "course.last_lesson",
      "It is the last published lesson. Unpublish the course first.",
    );
}

const vanished = (): DomainError => new DomainError("not_found", "courseModule.not_found", "That is not available.");
