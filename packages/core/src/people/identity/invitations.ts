import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import * as z from "zod";
import * as RateLimit from "../../house/rate-limit/index.ts";
import { useActor, useSchool } from "../../kernel/actor/index.ts";
import * as Secret from "../../kernel/crypto/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError, isDomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId, idPattern } from "../../kernel/id/index.ts";
import { Metric } from "../../kernel/metric/index.ts";
import { Permission, type Role, roleNames } from "../../kernel/permission/index.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { shownEmail } from "../../util/email/index.ts";
import * as Audit from "../audit/index.ts";
import * as Address from "../suppression/index.ts";
import { proveAddress, setPassword } from "./account.ts";
import { addressOf } from "./address-list.ts";
import * as Attempts from "./attempts.ts";
import { limits } from "./attempts.ts";
import * as EmailToken from "./email-token.ts";
import { lifetimeMs } from "./email-token.ts";
import { Events } from "./identity.event.ts";
import { invitationTable } from "./identity.sql.ts";
import { isOpenInvitation, isStillBacked } from "./inviter.ts";
import * as Password from "./password.ts";
import * as Reauth from "./reauth.ts";
import * as Rights from "./rights.ts";
import * as Session from "./session.ts";
import * as StrangerMail from "./stranger-mail.ts";
import { roleGrantTable, userTable } from "./user.sql.ts";
import * as User from "./user.ts";
import { Email, FamilyName, GivenName, Message, PasswordText, Roles } from "./user.ts";

export const invitationStatuses = ["open", "accepted", "revoked", "expired"] as const;

/** An invitation as admins see it. Instants are ISO strings. */
export const InvitationInfo = z.object({
  id: z.string(),
  email: z.string(),
  roles: z.array(z.enum(roleNames)),
  message: z.string(),
  /** Accepting enrolls in this course. */
  courseId: z.string().nullable(),
  status: z.enum(invitationStatuses),
  expiresAt: z.string(),
  acceptedAt: z.string().nullable(),
  createdAt: z.string(),
});
export type InvitationInfo = z.infer<typeof InvitationInfo>;

const InvitationId = z.object({ invitationId: z.string().max(64) });
const onInvitation = ({ invitationId }: { invitationId: string }) => ({ type: "invitation", id: invitationId });

Permission.resource("invitation", async (id) =>
  Db.use(async (tx) => {
    const [row] = await tx.select({ id: invitationTable.id }).from(invitationTable).where(eq(invitationTable.id, id));
    return row && { own: false, why: "Invitations belong to the school.", refusal: "not_found" };
  }),
);

const terms = {
  roles: Roles.min(1).default(["learner"]),
  message: Message.default(""),
  /** Accepting enrolls in this course. */
  courseId: z.string().regex(idPattern("course"), "That is not the id of a course.").optional(),
};

/**
 * Invites an address with roles, optionally to a course; a consumer sends the mail. Replaces an open invitation to the
 * same address.
 * @throws user.exists as 409 for a member with all these roles; role.above_you, role.not_yours, school.unverified as
 * 403; 404 for the course; mail.budget_spent, auth.too_many_attempts (for the inbox) as 429
 */
export const invite = fn.any(
  "user.invite",
  z.object({
    email: Email,
    ...terms,
    /** The actor's own password; asked for only where an owner is invited. */
    ownPassword: z.string().max(1024).optional(),
  }),
  async ({ email, roles, message, courseId, ownPassword }) => {
    User.requireGrantable(roles);
    await Reauth.forOwner(roles, ownPassword);
    await requireEnrollable(courseId);
    await requireWelcome(email);
    await admitMail(email);
    return Db.use(async (tx) => {
      const [member] = await tx.select(User.columns).from(userTable).where(eq(userTable.email, email));
      if (member && roles.every((role) => member.roles.includes(role))) {
        const text = "Someone with this address is in the school already.";
        throw new DomainError("conflict", "user.exists", text, { email: text });
      }
      if (member) User.requireReach(member);
      await tx
        .update(invitationTable)
        .set({ revokedAt: new Date() })
        .where(and(eq(invitationTable.email, email), isOpenInvitation()));
      const id = createId("invitation");
      const [row] = await tx
        .insert(invitationTable)
        .values({
          id,
          email,
          roles: [...new Set(roles)],
          message,
          courseId: courseId ?? null,
          ...inviter(),
          expiresAt: new Date(Date.now() + lifetimeMs.invitation),
        })
        .onConflictDoNothing()
        .returning();
      if (!row)
        throw new DomainError("conflict", "invitation.exists", "Someone else is inviting this person at this moment.");
      await Audit.record({ action: "user.invited", targetType: "invitation", targetId: id, data: { roles } });
      await Events.Invited.emit({ invitationId: id });
      return toInfo(row);
    });
  },
);

export const bulkResults = ["sent", "enrolled", "member", "open", "invalid", "over_budget", "refused"] as const;

/** What became of one address of a list. */
export const BulkResult = z.object({
  /** As it was given, with its domain as people read it. */
  address: z.string(),
  result: z.enum(bulkResults),
  /** In words. */
  message: z.string(),
});
export type BulkResult = z.infer<typeof BulkResult>;

export const mostInvited = 200;

/**
 * Enrolls an invited person in a course. False when they are already enrolled or the course takes no learners. A
 * parameter, because people may not import learn; `learn/enrollment` passes it.
 */
export type Enroll = (
  tx: Db.Tx,
  invited: { readonly courseId: string; readonly userId: string; readonly by: string | null },
) => Promise<boolean>;

/** Addresses that one person may invite in an hour, counted over all their lists. */
const perHour = { bucket: "invitation.address", max: 600, perSeconds: 3600 } as const;

export const InviteMany = z.object({
  addresses: z
    .array(z.string().trim().max(400))
    .min(1, "Please enter at least one address.")
    .max(mostInvited, `Please send at most ${mostInvited} addresses at a time.`),
  ...terms,
});

/** The work of `Enrollment.inviteMany`. */
export async function inviteEach(
  { addresses, ...asked }: z.output<typeof InviteMany>,
  enroll: Enroll,
): Promise<{ items: BulkResult[] }> {
  User.requireGrantable(asked.roles);
  await requireEnrollable(asked.courseId);
  const items: BulkResult[] = [];
  // One after the other: a list must not take every connection of the school.
  for (const address of addresses)
    items.push({ address: shownEmail(address), ...(await inviteOne(address, asked, enroll)) });
  return { items };
}

interface Terms {
  readonly roles: readonly Role[];
  readonly message: string;
  readonly courseId?: string | undefined;
}

type Outcome = Omit<BulkResult, "address">;

async function inviteOne(address: string, asked: Terms, enroll: Enroll): Promise<Outcome> {
  const email = Email.safeParse(addressOf(address));
  if (!email.success) return { result: "invalid", message: "That is not an e-mail address." };
  const known = await Db.use((tx) => knownAs(tx, email.data, asked, enroll));
  if (known) return known;
  const actor = useActor();
  const key = actor.type === "user" ? actor.userId : "system";
  if (!(await RateLimit.take({ ...perHour, key })).allowed)
    return { result: "over_budget", message: "Too many invitations were sent within an hour. Try this one later." };
  try {
    await invite({ ...asked, roles: [...asked.roles], email: email.data });
    return { result: "sent", message: "The invitation is on its way." };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { result: error.kind === "rate_limited" ? "over_budget" : "refused", message: error.message };
  }
}

/** What there is no need to invite an address for; a member is enrolled right away. */
async function knownAs(
  tx: Db.Tx,
  email: string,
  { roles, courseId }: Terms,
  enroll: Enroll,
): Promise<Outcome | undefined> {
  const [member] = await tx.select(User.columns).from(userTable).where(eq(userTable.email, email));
  if (member && roles.every((role) => member.roles.includes(role))) {
    if (courseId && (await enroll(tx, { courseId, userId: member.id, by: inviter().invitedBy })))
      return { result: "enrolled", message: "A member already, and enrolled now." };
    return {
      result: "member",
      message: courseId ? "A member already, and enrolled." : "A member of the school already.",
    };
  }
  const [open] = await tx
    .select({ roles: invitationTable.roles, courseId: invitationTable.courseId })
    .from(invitationTable)
    .where(and(eq(invitationTable.email, email), isOpenInvitation(), gt(invitationTable.expiresAt, new Date())));
  const isSame = open && open.courseId === (courseId ?? null) && roles.every((role) => open.roles.includes(role));
  return isSame ? { result: "open", message: "Invited already; the invitation is still open." } : undefined;
}

/** Who invites to a course must be allowed to enroll others in it. */
async function requireEnrollable(courseId: string | undefined): Promise<void> {
  if (courseId !== undefined) await Permission.requireOn("enrollment.manage", { type: "course", id: courseId });
}

/** Who answers for the invitation, and by which key. */
function inviter() {
  const actor = useActor();
  return actor.type === "user"
    ? { invitedBy: actor.userId, viaKey: actor.viaKey ?? null }
    : { invitedBy: null, viaKey: null };
}

/** Retries an address that bounced; leaves one alone that reported an invitation as unwanted. */
async function requireWelcome(email: string): Promise<void> {
  if (await Address.tryAgain(email, "account")) return;
  const text = "A mail of your school was reported as unwanted there, so no invitation is sent. Ask them another way.";
  throw new DomainError("conflict", "invitation.unwanted", text, { email: text });
}

/** Counts one mail against the school's and the inbox's limits. The platform's own (provisioning) does not count. */
async function admitMail(email: string): Promise<void> {
  if (useActor().type !== "system") await Attempts.admit(limits.invitation, email);
  await StrangerMail.admit("invitation");
}

/** Returns invitations, newest first, or only the unanswered ones, of which expired ones can be sent again. */
export const invitations = fn.any(
  "user.invite",
  z.object({ ...pageInput, unanswered: z.boolean().default(false) }),
  (input) =>
    Db.use(async (tx) => {
      const { cursor, limit, unanswered } = input;
      const after = cursor ? fromCursor(cursor, z.tuple([z.iso.datetime(), z.string()])) : undefined;
      const rows = await tx
        .select()
        .from(invitationTable)
        .where(
          and(
            unanswered ? isOpenInvitation() : undefined,
            after &&
              sql`(${invitationTable.createdAt}, ${invitationTable.id}) < (${after[0]}::timestamptz, ${after[1]})`,
          ),
        )
        .orderBy(desc(invitationTable.createdAt), desc(invitationTable.id))
        .limit(limit + 1);
      return pageOf(rows, limit, toInfo, (row) => [row.createdAt.toISOString(), row.id]);
    }),
);

/** Has anyone been invited, in an invitation that still counts? */
export async function hasInvited(tx: Db.Tx): Promise<boolean> {
  const [row] = await tx
    .select({ id: invitationTable.id })
    .from(invitationTable)
    .where(isNull(invitationTable.revokedAt))
    .limit(1);
  return row !== undefined;
}

/** Makes the link in the mail worthless. 409 once it was accepted or revoked. */
export const revokeInvitation = fn.on.tx("user.invite", onInvitation, InvitationId, async (tx, { invitationId }) => {
  const [row] = await tx
    .update(invitationTable)
    .set({ revokedAt: new Date() })
    .where(and(eq(invitationTable.id, invitationId), isOpenInvitation()))
    .returning();
  if (!row) throw closed();
  await Audit.record({ action: "invitation.revoked", targetType: "invitation", targetId: invitationId });
  return toInfo(row);
});

/**
 * Sends the mail again, valid for another seven days, and invalidates the earlier link. The sender becomes the inviter,
 * so they must be allowed to give its roles and its course.
 * @throws role.above_you, role.not_yours, permission.denied as 403
 */
export const resendInvitation = fn.on("user.invite", onInvitation, InvitationId, async ({ invitationId }) => {
  const [open] = await Db.use((tx) =>
    tx
      .select({ email: invitationTable.email })
      .from(invitationTable)
      .where(and(eq(invitationTable.id, invitationId), isOpenInvitation())),
  );
  if (!open) throw closed();
  await requireWelcome(open.email);
  await admitMail(open.email);
  return Db.use(async (tx) => {
    const [row] = await tx
      .update(invitationTable)
      .set({ tokenHash: null, expiresAt: new Date(Date.now() + lifetimeMs.invitation), ...inviter() })
      .where(and(eq(invitationTable.id, invitationId), isOpenInvitation()))
      .returning();
    if (!row) throw closed();
    User.requireGrantable(row.roles);
    await requireEnrollable(row.courseId ?? undefined);
    await Audit.record({ action: "invitation.resent", targetType: "invitation", targetId: invitationId });
    await Events.Invited.emit({ invitationId });
    return toInfo(row);
  });
});

export const InvitationToken = z.object({ token: z.string().min(1).max(200) });

/** The work of `Enrollment.invitationByToken`. */
export async function readInvitation(tx: Db.Tx, token: string) {
  const row = await openByToken(tx, token);
  const [member] = await tx
    .select({ emailVerifiedAt: userTable.emailVerifiedAt })
    .from(userTable)
    .where(eq(userTable.email, row.email));
  return {
    email: shownEmail(row.email),
    roles: row.roles,
    message: row.message,
    schoolName: useSchool().name,
    courseId: row.courseId,
    /** The address has a confirmed account: accepting adds the roles and the course, and changes nothing else. */
    hasAccount: Boolean(member?.emailVerifiedAt),
  };
}

export const AcceptInvitation = InvitationToken.extend({
  givenName: GivenName.optional(),
  familyName: FamilyName.default(""),
  password: PasswordText.optional(),
});

/** The work of `Enrollment.acceptInvitation`. */
export async function accept(input: z.output<typeof AcceptInvitation>, enroll: Enroll) {
  const invited = await Db.use((tx) => readInvitation(tx, input.token));
  const passwordHash = invited.hasAccount ? null : await newPassword(invited.email, input);
  const accepted = await Db.use(async (tx) => {
    const row = await openByToken(tx, input.token);
    const [taken] = await tx
      .update(invitationTable)
      .set({ acceptedAt: new Date() })
      .where(and(eq(invitationTable.id, row.id), isOpenInvitation()))
      .returning({ id: invitationTable.id });
    if (!taken) throw EmailToken.over();
    const userId = await memberOf(tx, row.email, input, passwordHash);
    await tx
      .insert(roleGrantTable)
      .values(row.roles.map((role) => ({ userId, role, grantedBy: row.invitedBy })))
      .onConflictDoNothing();
    if (row.courseId) await enroll(tx, { courseId: row.courseId, userId, by: row.invitedBy });
    if (row.roles.includes("owner")) await Events.OwnerAdded.emit({ userId });
    await Audit.record({
      by: { userId },
      action: "invitation.accepted",
      targetType: "invitation",
      targetId: row.id,
      data: { userId, roles: row.roles },
    });
    return { userId, email: row.email, courseId: row.courseId };
  });
  Rights.forget(accepted.userId);
  if (passwordHash) await Session.sweep(accepted.userId);
  /** `isNew`: the password was chosen now, so it need not be asked for again. */
  return { ...accepted, isNew: passwordHash !== null };
}

interface Person {
  readonly givenName?: string | undefined;
  readonly familyName: string;
  readonly password?: string | undefined;
}

async function newPassword(email: string, input: Person): Promise<string> {
  const fields: Record<string, string> = {};
  if (!input.givenName) fields.givenName = "Please enter a given name.";
  if (!input.password) fields.password = "Please choose a password.";
  if (!input.givenName || !input.password)
    throw new DomainError("invalid", "input.invalid", "Please fill in what is missing.", fields);
  const local = email.slice(0, email.indexOf("@"));
  Password.requireGood(input.password, [email, local, input.givenName, input.familyName]);
  return Password.hash(input.password);
}

/** Returns the address's account, existing or new. Its address is proved in either case. */
async function memberOf(tx: Db.Tx, email: string, input: Person, passwordHash: string | null): Promise<string> {
  const userId = createId("user");
  if (passwordHash && input.givenName) {
    const [made] = await tx
      .insert(userTable)
      .values({
        id: userId,
        email,
        emailVerifiedAt: new Date(),
        givenName: input.givenName,
        familyName: input.familyName,
        passwordHash,
        locale: useSchool().locale,
      })
      .onConflictDoNothing()
      .returning({ id: userTable.id });
    if (made) {
      await Events.Registered.emit({ userId });
      Db.afterCommit(() => Metric.userActivity("signed_up"));
      return userId;
    }
  }
  const [member] = await tx
    .select({ id: userTable.id, emailVerifiedAt: userTable.emailVerifiedAt })
    .from(userTable)
    .where(eq(userTable.email, email))
    .for("update");
  if (!member || Boolean(member.emailVerifiedAt) !== (passwordHash === null))
    throw new DomainError("conflict", "invitation.changed", "Please open the link in the mail again.");
  if (passwordHash) {
    // An earlier sign-up with this address was never proved: nothing of it is kept.
    await setPassword(tx, member.id, passwordHash);
    await proveAddress(tx, member.id);
    await tx
      .update(userTable)
      .set({ givenName: input.givenName, familyName: input.familyName })
      .where(eq(userTable.id, member.id));
  }
  return member.id;
}

async function openByToken(tx: Db.Tx, token: string) {
  const [row] = await tx
    .select()
    .from(invitationTable)
    .where(
      and(
        eq(invitationTable.tokenHash, Secret.hashOf(token)),
        isOpenInvitation(),
        gt(invitationTable.expiresAt, new Date()),
      ),
    );
  if (!row || !(await isStillBacked(tx, row))) throw EmailToken.over();
  return row;
}

const closed = () =>
  new DomainError("conflict", "invitation.closed", "This invitation was accepted or revoked already.");

const toInfo = (row: typeof invitationTable.$inferSelect): InvitationInfo => ({
  id: row.id,
  email: shownEmail(row.email),
  roles: row.roles,
  message: row.message,
  courseId: row.courseId,
  status: row.acceptedAt ? "accepted" : row.revokedAt ? "revoked" : row.expiresAt <= new Date() ? "expired" : "open",
  expiresAt: row.expiresAt.toISOString(),
  acceptedAt: row.acceptedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});
