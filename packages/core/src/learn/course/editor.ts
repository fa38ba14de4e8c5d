import { and, desc, eq, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { idPattern } from "../../kernel/id/index.ts";
import { bySchool, inOrder } from "../../util/collation.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { foldedHas } from "../../util/fold.ts";
import { categoryTable } from "../category/category.sql.ts";
import { courseNotFound, factColumns } from "./access.ts";
import { assetTable, courseStaffTable, courseStatuses, courseTable } from "./course.sql.ts";
import { CourseRef, Info, infoColumns, OutlineModule, toInfo } from "./info.ts";
import { learnerCount, missingToPublish, onCourse } from "./manage.ts";
import { readOutline } from "./page.ts";
import { Staff, shownStaff } from "./staff.ts";

export const Editor = Info.extend({
  modules: z.array(OutlineModule),
  staff: z.array(Staff),
  /** Not withdrawn. */
  learners: z.number().int(),
  /** What keeps the course from being published, by field; empty when nothing does. */
  missing: z.record(z.string(), z.string()),
  /** Published lessons with nothing in them. */
  emptyLessons: z.array(z.object({ id: z.string(), title: z.string() })),
  /** Of the school, to choose from. */
  categories: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type Editor = z.infer<typeof Editor>;

/**
 * Returns everything the studio shows of a course, drafts included. Four queries and the permission check in one round
 * trip.
 */
export const editor = fn.on.tx("course.edit", onCourse, CourseRef, async (tx, { courseId }): Promise<Editor> => {
  const [[row], modules, { missing, empty }, categories] = await Promise.all([
    tx
      .select({ ...infoColumns, learners: learnerCount.as("learners"), staff: staffJson.as("staff") })
      .from(courseTable)
      .leftJoin(categoryTable, eq(categoryTable.id, courseTable.categoryId))
      .leftJoin(assetTable, eq(assetTable.id, courseTable.coverAssetId))
      .where(eq(courseTable.id, courseId)),
    readOutline(tx, courseId),
    missingToPublish(tx, courseId),
    tx
      .select({ id: categoryTable.id, name: categoryTable.name })
      .from(categoryTable)
      .orderBy(categoryTable.position, inOrder(categoryTable.name)),
  ]);
  if (!row) throw courseNotFound();
  return {
    ...toInfo(row),
    modules,
    staff: row.staff.map(shownStaff),
    learners: row.learners,
    missing,
    emptyLessons: empty,
    categories,
  };
});

export const Head = Info.pick({ id: true, slug: true, title: true, status: true });
export type Head = z.infer<typeof Head>;

/** Returns the header of the pages about a course's people, also for assistants. One query. */
export const head = fn.on.tx("progress.read", onCourse, CourseRef, async (tx, { courseId }): Promise<Head> => {
  const { id, slug, title, status } = courseTable;
  const [row] = await tx.select({ id, slug, title, status }).from(courseTable).where(eq(id, courseId));
  if (!row) throw courseNotFound();
  return row;
});

const staffJson = sql<z.infer<typeof Staff>[]>`(
  select coalesce(json_agg(json_build_object('userId', u.id, 'name', trim(u.given_name || ' ' || u.family_name),
    'email', u.email, 'role', s.role)
    order by s.role desc, u.family_name ${bySchool}, u.given_name ${bySchool}, u.id), '[]'::json)
  from course_staff s join "user" u on u.id = s.user_id where s.course_id = course.id)`;

/** A course on a teacher's shelf. */
export const Taught = Info.omit({ descriptionHtml: true }).extend({
  /** Not withdrawn. */
  learners: z.number().int(),
  /** Of the one who asks; null for an admin who does not teach it. */
  role: z.enum(["instructor", "assistant"]).nullable(),
  updatedAt: z.string(),
});
export type Taught = z.infer<typeof Taught>;

const taughtColumns = () => {
  const { descriptionHtml: _, ...columns } = infoColumns;
  const { staffRole } = factColumns();
  return { ...columns, updatedAt: courseTable.updatedAt, learners: learnerCount.as("learners"), role: staffRole };
};

const shelf = (tx: Db.Tx) =>
  tx
    .select(taughtColumns())
    .from(courseTable)
    .leftJoin(categoryTable, eq(categoryTable.id, courseTable.categoryId))
    .leftJoin(assetTable, eq(assetTable.id, courseTable.coverAssetId));

/**
 * Returns the courses that the signed-in person teaches or assists in, archived ones included, last changed first. At
 * most 200.
 */
export const mine = fn.self("course.read", z.object({}).default({}), ({ userId }) =>
  Db.use(async (tx): Promise<Taught[]> => {
    const rows = await shelf(tx)
      .innerJoin(
        courseStaffTable,
        and(eq(courseStaffTable.courseId, courseTable.id), eq(courseStaffTable.userId, userId)),
      )
      .orderBy(desc(courseTable.updatedAt), desc(courseTable.id))
      .limit(200);
    return rows.map(toTaught);
  }),
);

/** Returns every course of the school in any state, newest first, for those who may edit all. */
export const all = fn.every(
  "course.edit",
  z.object({ q: z.string().max(200).optional(), status: z.enum(courseStatuses).optional(), ...pageInput }),
  ({ q, status, cursor, limit }) =>
    Db.use(async (tx) => {
      const where: SQL[] = [];
      if (status) where.push(eq(courseTable.status, status));
      const named = foldedHas(courseTable.folded, q ?? "");
      if (named) where.push(named);
      const beyond = cursor ? fromCursor(cursor, z.tuple([z.string().regex(idPattern("course"))])) : undefined;
      const [rows, [counted]] = await Promise.all([
        shelf(tx)
          .where(and(...where, beyond && sql`course.id < ${beyond[0]}`))
          .orderBy(desc(courseTable.id))
          .limit(limit + 1),
        tx
          .select({ total: sql<number>`count(*)::int` })
          .from(courseTable)
          .where(and(...where)),
      ]);
      return { ...pageOf(rows, limit, toTaught, (row) => [row.id]), total: counted?.total ?? 0 };
    }),
);

type TaughtRow = Omit<Parameters<typeof toInfo>[0], "descriptionHtml"> & {
  readonly updatedAt: Date;
  readonly learners: number;
  readonly role: Taught["role"];
};

function toTaught(row: TaughtRow): Taught {
  const { descriptionHtml: _, ...card } = toInfo({ ...row, descriptionHtml: "" });
  return { ...card, learners: row.learners, role: row.role, updatedAt: row.updatedAt.toISOString() };
}
