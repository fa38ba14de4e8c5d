import { and, desc, eq, lt, ne, sql } from "drizzle-orm";
import * as z from "zod";
import { Actor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { idPattern } from "../../kernel/id/index.ts";
import { userTable } from "../../people/identity/user.sql.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { canonicalEmail } from "../../util/email/index.ts";
import { courseTable } from "../course/course.sql.ts";
import { enroll, toInfo } from "./enroll.ts";
import { enrollmentTable } from "./enrollment.sql.ts";
import { forget } from "./membership.ts";

export { Info } from "./enroll.ts";
export { Events } from "./enrollment.event.ts";
export { acceptInvitation, invitationByToken, invitationMail, inviteMany } from "./invitations.ts";
export { type Membership, membership } from "./membership.ts";

export const CourseId = z.string().regex(idPattern("course"), "That is not the id of a course.");
export const UserId = z.string().regex(idPattern("user"), "That is not the id of a person.");

const onCourse = ({ courseId }: { courseId: string }) => ({ type: "course", id: courseId });

/**
 * Enrolls the signed-in person in a published course. Refuses a second call, so a double click publishes one event. A
 * person who had withdrawn gets their progress back.
 */
export const create = fn.on.tx(
  "enrollment.create",
  onCourse,
  z.object({ courseId: CourseId }),
  async (tx, { courseId }) => {
    const { userId } = Actor.useUser();
    return enroll(tx, courseId, userId, userId, "You are already enrolled.");
  },
);

/** Leaves a course. What was learned is kept, and enrolling again brings it back. */
export const withdraw = fn.self("enrollment.create", z.object({ courseId: CourseId }), ({ userId }, { courseId }) =>
  Db.use((tx) => leave(tx, courseId, userId, "You are not enrolled in this course.")),
);

/** Enrolls someone for staff, by user id or by the e-mail of an account of this school; also in a draft. */
export const add = fn.on.tx(
  "enrollment.manage",
  onCourse,
  z
    .object({ courseId: CourseId, userId: UserId.optional(), email: z.string().transform(canonicalEmail).optional() })
    .refine(({ userId, email }) => Boolean(userId) !== Boolean(email), {
      message: "Give either the person's id or their e-mail address.",
      path: ["email"],
    }),
  async (tx, { courseId, userId, email }) => {
    const [course] = await tx
      .select({ id: courseTable.id })
      .from(courseTable)
      .where(and(eq(courseTable.id, courseId), ne(courseTable.status, "archived")));
    if (!course) throw new DomainError("not_found", "course.not_found", "That course is not available.");
    const [person] = await tx
      .select({ id: userTable.id })
      .from(userTable)
      .where(userId ? eq(userTable.id, userId) : eq(userTable.email, email ?? ""));
    if (!person) {
      const message = "There is no account with that address in this school. Invite the person first.";
      throw new DomainError("not_found", "user.not_found", message, { email: message });
    }
    return enroll(tx, courseId, person.id, actorId(), "That person is already enrolled.");
  },
);

/** Staff take someone out of a course. Progress is kept. */
export const remove = fn.on.tx(
  "enrollment.manage",
  onCourse,
  z.object({ courseId: CourseId, userId: UserId }),
  (tx, { courseId, userId }) => leave(tx, courseId, userId, "That person is not enrolled in this course."),
);

/** The signed-in person's enrollments, newest first, those withdrawn from left out. */
export const mine = fn.self(
  "enrollment.create",
  z.object(pageInput).prefault({}),
  async ({ userId }, { cursor, limit }) => {
    const [before] = cursor === undefined ? [] : fromCursor(cursor, z.tuple([z.string()]));
    const rows = await Db.use((tx) =>
      tx
        .select({ enrollment: enrollmentTable, slug: courseTable.slug, title: courseTable.title })
        .from(enrollmentTable)
        .innerJoin(courseTable, eq(courseTable.id, enrollmentTable.courseId))
        .where(
          and(
            eq(enrollmentTable.userId, userId),
            ne(enrollmentTable.status, "withdrawn"),
            before === undefined ? undefined : lt(enrollmentTable.id, before),
          ),
        )
        .orderBy(desc(enrollmentTable.id))
        .limit(limit + 1),
    );
    const toMine = ({ enrollment, slug, title }: (typeof rows)[number]) => ({
      ...toInfo(enrollment),
      course: { id: enrollment.courseId, slug, title },
    });
    return pageOf(rows, limit, toMine, ({ enrollment }) => [enrollment.id]);
  },
);

/** Writes into Postgres what the facts say: this enrollment is completed. By the consumer of course.completed. */
export const markCompleted = fn.system(
  "only the consumer of course.completed calls it, as the system",
  z.object({ enrollmentId: z.string() }),
  async ({ enrollmentId }) => {
    await Db.use(async (tx) => {
      await tx
        .update(enrollmentTable)
        .set({
          status: sql`case when ${enrollmentTable.status} = 'active' then 'completed' else ${enrollmentTable.status} end`,
          completedAt: sql`coalesce(${enrollmentTable.completedAt}, now())`,
        })
        .where(eq(enrollmentTable.id, enrollmentId));
    });
  },
);

async function leave(tx: Db.Tx, courseId: string, userId: string, refusal: string): Promise<void> {
  const [row] = await tx
    .update(enrollmentTable)
    .set({ status: "withdrawn" })
    .where(
      and(
        eq(enrollmentTable.courseId, courseId),
        eq(enrollmentTable.userId, userId),
        ne(enrollmentTable.status, "withdrawn"),
      ),
    )
    .returning({ id: enrollmentTable.id });
  if (!row) throw new DomainError("not_found", "enrollment.not_found", refusal);
  Db.afterCommit(() => forget(courseId, userId));
}

const actorId = (): string | null => Actor.stamp(Actor.useActor()).id;

export * as Enrollment from "./index.ts";
