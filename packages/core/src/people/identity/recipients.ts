import { and, eq, inArray, sql } from "drizzle-orm";
import * as z from "zod";
import { Actor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { emailTokenTable, invitationTable, roleRequestTable } from "./identity.sql.ts";
import { roleGrantTable, userTable } from "./user.sql.ts";

// The content of notifications, read when they are sent: the event carries only ids and may be old. Each function
// returns null when there is nothing left to send.

export interface Recipient {
  readonly userId: string;
  readonly email: string;
  readonly givenName: string;
  readonly name: string;
  readonly locale: string;
  /** The person's own zone, or the school's. */
  readonly zone: string;
}

/** A core function that a consumer calls as the system, in one transaction. */
export const about = <S extends z.ZodType, R>(schema: S, work: (tx: Db.Tx, input: z.output<S>) => Promise<R>) =>
  fn.system("a consumer that notifies people", schema, (input) => Db.use((tx) => work(tx, input)));

/** A person of the school. */
export const person = about(z.object({ userId: z.string() }), async (tx, { userId }) => {
  const [row] = await tx
    .select(recipientColumns)
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
    .selectDistinct(recipientColumns)
    .from(userTable)
    .innerJoin(roleGrantTable, eq(roleGrantTable.userId, userTable.id))
    .where(and(inArray(roleGrantTable.role, ["owner", "admin"]), eq(userTable.status, "active")))
    .limit(50);
  return rows.map(toRecipient);
});

/** The school's owners. */
export const owners = about(z.object({}).prefault({}), async (tx) => {
  const rows = await tx
    .selectDistinct(recipientColumns)
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
      ...recipientColumns,
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

export const InvitationRef = z.object({ invitationId: z.string() });

/** The work of `Enrollment.invitationMail`: who is invited by whom, as what. */
export async function invitationMail(tx: Db.Tx, { invitationId }: z.output<typeof InvitationRef>) {
  const [row] = await tx
    .select({
      email: invitationTable.email,
      roles: invitationTable.roles,
      message: invitationTable.message,
      courseId: invitationTable.courseId,
      inviterGiven: userTable.givenName,
      inviterFamily: userTable.familyName,
    })
    .from(invitationTable)
    .leftJoin(userTable, eq(userTable.id, invitationTable.invitedBy))
    .where(eq(invitationTable.id, invitationId));
  if (!row) return null;
  const inviter = `${row.inviterGiven ?? ""} ${row.inviterFamily ?? ""}`.trim();
  const { email, roles, message, courseId } = row;
  return { email, roles, message, courseId, inviter: inviter || null };
}

/** Who asks to have which role, and what became of it. */
export const roleRequest = about(z.object({ roleRequestId: z.string() }), async (tx, { roleRequestId }) => {
  const [row] = await tx
    .select({
      ...recipientColumns,
      role: roleRequestTable.role,
      message: roleRequestTable.message,
      status: roleRequestTable.status,
    })
    .from(roleRequestTable)
    .innerJoin(userTable, eq(userTable.id, roleRequestTable.userId))
    .where(and(eq(roleRequestTable.id, roleRequestId), eq(userTable.status, "active")));
  return row ? { applicant: toRecipient(row), role: row.role, message: row.message, status: row.status } : null;
});

/** Columns of `userTable` that make a recipient. */
export const recipientColumns = {
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

export const toRecipient = (row: PersonRow): Recipient => ({
  userId: row.userId,
  email: row.email,
  givenName: row.givenName,
  name: `${row.givenName} ${row.familyName}`.trim(),
  locale: row.locale,
  zone: row.zone ?? Actor.useSchool().zone,
});

export * as Recipients from "./recipients.ts";
