import { and, eq, inArray, sql } from "drizzle-orm";
import * as z from "zod";
import { certificateTable, courseTable, enrollmentTable, formerCertificateTable } from "../course/course.sql.ts";
import {
  emailTokenTable,
  invitationTable,
  roleGrantTable,
  roleRequestTable,
  userTable,
} from "../identity/identity.sql.ts";
import { Actor } from "../kernel/actor/index.ts";
import { Db } from "../kernel/db/index.ts";
import { fn } from "../kernel/fn/index.ts";
import { readOutline } from "../progress/outline.ts";

// What a notification says, read when it is sent: the event that asked for it carries ids only and may be old by then.
// Each answers null when there is nothing to tell any more.

/** Who is told. */
export interface Recipient {
  readonly userId: string;
  readonly email: string;
  readonly givenName: string;
  readonly name: string;
  readonly locale: string;
  /** The person's own zone, or the school's. */
  readonly zone: string;
}

const about = <S extends z.ZodType, R>(schema: S, work: (tx: Db.Tx, input: z.output<S>) => Promise<R>) =>
  fn.system("a consumer that notifies people", schema, (input) => Db.use((tx) => work(tx, input)));

/** A person of the school. */
export const person = about(z.object({ userId: z.string() }), async (tx, { userId }) => {
  const [row] = await tx
    .select(columns)
    .from(userTable)
    .where(and(eq(userTable.id, userId), eq(userTable.status, "active")));
  return row ? toRecipient(row) : null;
});

/** The roles a person holds. */
export const rolesOf = about(z.object({ userId: z.string() }), async (tx, { userId }) =>
  (await tx.select({ role: roleGrantTable.role }).from(roleGrantTable).where(eq(roleGrantTable.userId, userId))).map(
    ({ role }) => role,
  ),
);

/** Who decides in the school: its owners and admins. */
export const admins = about(z.object({}).prefault({}), async (tx) => {
  const rows = await tx
    .selectDistinct(columns)
    .from(userTable)
    .innerJoin(roleGrantTable, eq(roleGrantTable.userId, userTable.id))
    .where(and(inArray(roleGrantTable.role, ["owner", "admin"]), eq(userTable.status, "active")))
    .limit(50);
  return rows.map(toRecipient);
});

/** The school's owners. */
export const owners = about(z.object({}).prefault({}), async (tx) => {
  const rows = await tx
    .selectDistinct(columns)
    .from(userTable)
    .innerJoin(roleGrantTable, eq(roleGrantTable.userId, userTable.id))
    .where(and(eq(roleGrantTable.role, "owner"), eq(userTable.status, "active")))
    .limit(50);
  return rows.map(toRecipient);
});

/** Whom a token is for, and what for. */
export const token = about(z.object({ tokenId: z.string() }), async (tx, { tokenId }) => {
  const [row] = await tx
    .select({
      ...columns,
      purpose: emailTokenTable.purpose,
      wish: emailTokenTable.wish,
      newEmail: emailTokenTable.email,
      emailVerifiedAt: userTable.emailVerifiedAt,
      isOwner: sql<boolean>`exists (select 1 from role_grant g where g.user_id = ${userTable.id} and g.role = 'owner')`,
    })
    .from(emailTokenTable)
    .innerJoin(userTable, eq(userTable.id, emailTokenTable.userId))
    .where(and(eq(emailTokenTable.id, tokenId), eq(userTable.status, "active")));
  if (!row) return null;
  const { purpose, isOwner, newEmail } = row;
  const isProved = row.emailVerifiedAt !== null;
  return { to: toRecipient(row), purpose, isOwner, isProved, newEmail, course: row.wish?.course?.title ?? null };
});

/** Who is invited by whom, as what. */
export const invitation = about(z.object({ invitationId: z.string() }), async (tx, { invitationId }) => {
  const [row] = await tx
    .select({
      email: invitationTable.email,
      roles: invitationTable.roles,
      message: invitationTable.message,
      course: courseTable.title,
      inviterGiven: userTable.givenName,
      inviterFamily: userTable.familyName,
    })
    .from(invitationTable)
    .leftJoin(userTable, eq(userTable.id, invitationTable.invitedBy))
    .leftJoin(courseTable, eq(courseTable.id, invitationTable.courseId))
    .where(eq(invitationTable.id, invitationId));
  if (!row) return null;
  const inviter = `${row.inviterGiven ?? ""} ${row.inviterFamily ?? ""}`.trim();
  const { email, roles, message, course } = row;
  return { email, roles, message, course, inviter: inviter || null };
});

/** Who asks to have which role, and what became of it. */
export const roleRequest = about(z.object({ roleRequestId: z.string() }), async (tx, { roleRequestId }) => {
  const [row] = await tx
    .select({
      ...columns,
      role: roleRequestTable.role,
      message: roleRequestTable.message,
      status: roleRequestTable.status,
    })
    .from(roleRequestTable)
    .innerJoin(userTable, eq(userTable.id, roleRequestTable.userId))
    .where(and(eq(roleRequestTable.id, roleRequestId), eq(userTable.status, "active")));
  return row ? { applicant: toRecipient(row), role: row.role, message: row.message, status: row.status } : null;
});

/** Who enrolled in which course, and where it begins. Null when they have left it again. */
export const enrollment = about(z.object({ enrollmentId: z.string() }), async (tx, { enrollmentId }) => {
  const [row] = await tx
    .select({
      ...columns,
      status: enrollmentTable.status,
      enrolledBy: enrollmentTable.enrolledBy,
      courseId: courseTable.id,
      slug: courseTable.slug,
      title: courseTable.title,
      summary: courseTable.summary,
    })
    .from(enrollmentTable)
    .innerJoin(courseTable, eq(courseTable.id, enrollmentTable.courseId))
    .innerJoin(userTable, eq(userTable.id, enrollmentTable.userId))
    .where(and(eq(enrollmentTable.id, enrollmentId), eq(userTable.status, "active")));
  if (!row || row.status === "withdrawn") return null;
  const { lessons = [] } = (await readOutline(row.courseId)) ?? {};
  const [first] = lessons;
  return {
    to: toRecipient(row),
    /** Somebody else did it for them. */
    isByStaff: row.enrolledBy !== row.userId,
    course: {
      id: row.courseId,
      slug: row.slug,
      title: row.title,
      summary: row.summary,
      lessons: lessons.length,
      minutes: lessons.reduce((sum, lesson) => sum + lesson.minutes, 0),
    },
    first: first ? { slug: first.slug, title: first.title } : null,
  };
});

/** Whose certificate it is, and what it says. */
export const certificate = about(z.object({ certificateId: z.string() }), async (tx, { certificateId }) => {
  const [row] = await tx
    .select({ ...columns, certificate: certificateTable })
    .from(certificateTable)
    .innerJoin(userTable, eq(userTable.id, certificateTable.userId))
    .where(and(eq(certificateTable.id, certificateId), eq(userTable.status, "active")));
  if (!row) return null;
  const { number, courseTitle, lessons, minutes, issuedOn, revokedAt, revokedReason } = row.certificate;
  const former = await tx
    .select({ number: formerCertificateTable.number })
    .from(formerCertificateTable)
    .where(eq(formerCertificateTable.certificateId, certificateId))
    .limit(1);
  return {
    isReissued: former.length > 0,
    ...{ to: toRecipient(row), number, courseTitle, lessons, minutes, issuedOn },
    revoked: revokedAt && { reason: revokedReason ?? "" },
  };
});

const columns = {
  userId: userTable.id,
  email: userTable.email,
  givenName: userTable.givenName,
  familyName: userTable.familyName,
  locale: userTable.locale,
  zone: userTable.zone,
};

interface PersonRow {
  userId: string;
  email: string;
  givenName: string;
  familyName: string;
  locale: string;
  zone: string | null;
}

const toRecipient = (row: PersonRow): Recipient => ({
  userId: row.userId,
  email: row.email,
  givenName: row.givenName,
  name: `${row.givenName} ${row.familyName}`.trim(),
  locale: row.locale,
  zone: row.zone ?? Actor.useSchool().zone,
});

export * as About from "./about.ts";
