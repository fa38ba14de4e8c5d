import { and, eq, sql } from "drizzle-orm";
import * as z from "zod";
import type { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { type PermissionName, permissionsOf } from "../../kernel/permission/index.ts";
import * as Audit from "../../people/audit/index.ts";
import { roleGrantTable, userTable } from "../../people/identity/user.sql.ts";
import { inOrder } from "../../util/collation.ts";
import { canonicalEmail, shownEmail } from "../../util/email/index.ts";
import { lockCourse } from "./access.ts";
import { courseStaffTable } from "./course.sql.ts";
import { CourseRef, Key } from "./info.ts";
import { onCourse } from "./manage.ts";
import { tellVisitorsOf } from "./refresh.ts";

export const Staff = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(["instructor", "assistant"]),
});
export type Staff = z.infer<typeof Staff>;

const Person = z.object({ userId: Key });

/**
 * Adds someone to a course's staff, or changes their role there. Refuses a person whose school roles do not allow it
 * ("staff.role_missing"), because the entry would have no effect, and the last instructor's demotion.
 */
export const addStaff = fn.on.tx(
  "course.staff",
  onCourse,
  CourseRef.extend({
    userId: Key.optional(),
    email: z.string().max(1_000).transform(canonicalEmail).optional(),
    role: z.enum(["instructor", "assistant"]).default("instructor"),
  }).refine(({ userId, email }) => Boolean(userId) !== Boolean(email), {
    message: "Give either the person's id or their e-mail address.",
    path: ["email"],
  }),
  async (tx, { courseId, role, ...named }): Promise<Staff> => {
    const course = await lockCourse(tx, courseId);
    const person = await activePerson(tx, named);
    const { userId } = person;
    const needs: PermissionName = role === "instructor" ? "course.edit" : "progress.read";
    if (!permissionsOf(person.roles).has(needs)) {
      const message = `Give them the role ${role} in the school first.`;
      throw new DomainError("conflict", "staff.role_missing", message, { [named.email ? "email" : "userId"]: message });
    }
    if (role !== "instructor") await keepInstructor(tx, courseId, userId);
    await tx
      .insert(courseStaffTable)
      .values({ courseId, userId, role })
      .onConflictDoUpdate({ target: [courseStaffTable.courseId, courseStaffTable.userId], set: { role } });
    await Audit.record({
      action: "course.staff_added",
      targetType: "course",
      targetId: courseId,
      targetLabel: course?.title ?? "",
      data: { userId, role },
    });
    await tellVisitorsOf(tx, courseId);
    return { userId, name: person.name, email: shownEmail(person.email), role };
  },
);

/** Takes someone off a course's staff. A course keeps at least one instructor. */
export const removeStaff = fn.on.tx(
  "course.staff",
  onCourse,
  CourseRef.extend(Person.shape),
  async (tx, { courseId, userId }) => {
    const course = await lockCourse(tx, courseId);
    await keepInstructor(tx, courseId, userId);
    const [row] = await tx
      .delete(courseStaffTable)
      .where(and(eq(courseStaffTable.courseId, courseId), eq(courseStaffTable.userId, userId)))
      .returning({ role: courseStaffTable.role });
    if (!row) throw new DomainError("not_found", "staff.not_found", "That person does not teach this course.");
    await Audit.record({
      action: "course.staff_removed",
      targetType: "course",
      targetId: courseId,
      targetLabel: course?.title ?? "",
      data: { userId, role: row.role },
    });
    await tellVisitorsOf(tx, courseId);
    return { courseId, userId };
  },
);

/** Who teaches and assists, instructors first. For those who may choose them. */
export const staff = fn.on.tx("course.staff", onCourse, CourseRef, async (tx, { courseId }): Promise<Staff[]> => {
  const rows = await tx
    .select({ userId: userTable.id, name: fullName, email: userTable.email, role: courseStaffTable.role })
    .from(courseStaffTable)
    .innerJoin(userTable, eq(userTable.id, courseStaffTable.userId))
    .where(eq(courseStaffTable.courseId, courseId))
    .orderBy(
      sql`${courseStaffTable.role} desc`,
      inOrder(userTable.familyName),
      inOrder(userTable.givenName),
      userTable.id,
    );
  return rows.map(shownStaff);
});

/** With the address as people read it. */
export const shownStaff = (row: Staff): Staff => ({ ...row, email: shownEmail(row.email) });

const fullName = sql<string>`trim(${userTable.givenName} || ' ' || ${userTable.familyName})`.as("name");

/** By id, or by the e-mail of an account of this school. */
async function activePerson(tx: Db.Tx, { userId, email }: { userId?: string | undefined; email?: string | undefined }) {
  const rows = await tx
    .select({ userId: userTable.id, name: fullName, email: userTable.email, role: roleGrantTable.role })
    .from(userTable)
    .leftJoin(roleGrantTable, eq(roleGrantTable.userId, userTable.id))
    .where(and(userId ? eq(userTable.id, userId) : eq(userTable.email, email ?? ""), eq(userTable.status, "active")));
  const [person] = rows;
  if (!person) {
    const message = "That person is not in this school.";
    throw new DomainError("not_found", "user.not_found", message, email ? { email: message } : undefined);
  }
  return {
    userId: person.userId,
    name: person.name,
    email: person.email,
    roles: rows.flatMap(({ role }) => (role ? [role] : [])),
  };
}

/** Refuses to remove the last instructor: only admins could then change the course. */
async function keepInstructor(tx: Db.Tx, courseId: string, userId: string): Promise<void> {
  const rows = await tx
    .select({ userId: courseStaffTable.userId })
    .from(courseStaffTable)
    .where(and(eq(courseStaffTable.courseId, courseId), eq(courseStaffTable.role, "instructor")));
  if (rows.some((row) => row.userId === userId) && rows.length === 1) {
    throw new DomainError("conflict", "staff.last_instructor", "A course keeps at least one instructor.");
  }
}
