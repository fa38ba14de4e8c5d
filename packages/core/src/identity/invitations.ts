import { and, desc, eq, gt, sql } from "drizzle-orm";
import * as z from "zod";
import * as Audit from "../audit/index.ts";
import { useActor, useSchool } from "../kernel/actor/index.ts";
import { Db } from "../kernel/db/index.ts";
import { DomainError } from "../kernel/error/index.ts";
import { fn } from "../kernel/fn/index.ts";
import { createId } from "../kernel/id/index.ts";
import { Metric } from "../kernel/metric/index.ts";
import { Permission, roleNames } from "../kernel/permission/index.ts";
import * as Address from "../notify/address.ts";
import { fromCursor, pageInput, pageOf } from "../util/cursor.ts";
import { shownEmail } from "../util/email/index.ts";
import * as EmailToken from "./email-token.ts";
import { lifetimeMs } from "./email-token.ts";
import { Events } from "./identity.event.ts";
import { invitationTable, roleGrantTable, userTable } from "./identity.sql.ts";
import { isOpen, stillStands } from "./inviter.ts";
import * as Password from "./password.ts";
import * as Rights from "./rights.ts";
import * as Secret from "./secret.ts";
import * as StrangerMail from "./stranger-mail.ts";
import * as User from "./user.ts";
import { Email, FamilyName, GivenName, Message, PasswordText, Roles } from "./user.ts";

export const invitationStatuses = ["open", "accepted", "revoked", "expired"] as const;

/** An invitation as admins see it. Instants are ISO strings. */
export const InvitationInfo = z.object({
  id: z.string(),
  email: z.string(),
  roles: z.array(z.enum(roleNames)),
  message: z.string(),
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

/**
 * Invites an address with roles; the mail is sent by a consumer. An open invitation to the same address is replaced.
 * Refusals: 409 `user.exists` for a member with all these roles, 403 `role.above_you`, `role.not_yours`,
 * `school.unverified`, 429 `mail.budget_spent`.
 */
export const invite = fn(
  "user.invite",
  z.object({
    email: Email,
    roles: Roles.min(1).default(["learner"]),
    message: Message.default(""),
  }),
  async ({ email, roles, message }) => {
    User.requireGrantable(roles);
    await requireWelcome(email);
    await StrangerMail.admit("invitation");
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
        .where(and(eq(invitationTable.email, email), isOpen()));
      const id = createId("invitation");
      const [row] = await tx
        .insert(invitationTable)
        .values({
          id,
          email,
          roles: [...new Set(roles)],
          message,
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

/** Who stands for the invitation, and by which key. */
function inviter() {
  const actor = useActor();
  return actor.type === "user"
    ? { invitedBy: actor.userId, viaKey: actor.viaKey ?? null }
    : { invitedBy: null, viaKey: null };
}

/** An address that a mail came back from is tried once more; one that reported an invitation as unwanted is left alone. */
async function requireWelcome(email: string): Promise<void> {
  if (await Address.tryAgain(email, "invitation")) return;
  const text = "A mail of your school was reported as unwanted there, so no invitation is sent. Ask them another way.";
  throw new DomainError("conflict", "invitation.unwanted", text, { email: text });
}

/** Invitations, newest first; or only those still unanswered, of which a late one can be sent again. */
export const invitations = fn(
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
            unanswered ? isOpen() : undefined,
            after &&
              sql`(${invitationTable.createdAt}, ${invitationTable.id}) < (${after[0]}::timestamptz, ${after[1]})`,
          ),
        )
        .orderBy(desc(invitationTable.createdAt), desc(invitationTable.id))
        .limit(limit + 1);
      return pageOf(rows, limit, toInfo, (row) => [row.createdAt.toISOString(), row.id]);
    }),
);

/** Makes the link in the mail worthless. 409 once it was accepted or revoked. */
export const revokeInvitation = fn({ permission: "user.invite", on: onInvitation }, InvitationId, ({ invitationId }) =>
  Db.use(async (tx) => {
    const [row] = await tx
      .update(invitationTable)
      .set({ revokedAt: new Date() })
      .where(and(eq(invitationTable.id, invitationId), isOpen()))
      .returning();
    if (!row) throw closed();
    await Audit.record({ action: "invitation.revoked", targetType: "invitation", targetId: invitationId });
    return toInfo(row);
  }),
);

/**
 * Sends the mail again, good for another seven days; the link in the earlier mail stops working. Whoever sends it again
 * stands for it from then on.
 */
export const resendInvitation = fn(
  { permission: "user.invite", on: onInvitation },
  InvitationId,
  async ({ invitationId }) => {
    const [open] = await Db.use((tx) =>
      tx
        .select({ email: invitationTable.email })
        .from(invitationTable)
        .where(and(eq(invitationTable.id, invitationId), isOpen())),
    );
    if (!open) throw closed();
    await requireWelcome(open.email);
    await StrangerMail.admit("invitation");
    return Db.use(async (tx) => {
      const [row] = await tx
        .update(invitationTable)
        .set({ tokenHash: null, expiresAt: new Date(Date.now() + lifetimeMs.invitation), ...inviter() })
        .where(and(eq(invitationTable.id, invitationId), isOpen()))
        .returning();
      if (!row) throw closed();
      User.requireGrantable(row.roles);
      await Audit.record({ action: "invitation.resent", targetType: "invitation", targetId: invitationId });
      await Events.Invited.emit({ invitationId });
      return toInfo(row);
    });
  },
);

const TokenInput = z.object({ token: z.string().min(1).max(200) });

/** What an invitation's link opens, for its page. 410 when it was used, revoked, is over or has lost its inviter. */
export const invitationByToken = fn(
  Permission.none("the token in the mail is the proof"),
  TokenInput,
  async ({ token }) => {
    return Db.use(async (tx) => {
      const row = await openByToken(tx, token);
      const [member] = await tx.select({ id: userTable.id }).from(userTable).where(eq(userTable.email, row.email));
      return {
        email: shownEmail(row.email),
        roles: row.roles,
        message: row.message,
        schoolName: useSchool().name,
        /** They have an account here: accepting only adds the roles. */
        hasAccount: member !== undefined,
      };
    });
  },
);

/**
 * Accepts an invitation, once: makes the account (the address is proved by the mail), or adds the roles to the one that
 * exists, whose name and password then stay as they are.
 */
export const acceptInvitation = fn(
  Permission.none("the token in the mail is the proof"),
  TokenInput.extend({
    givenName: GivenName.optional(),
    familyName: FamilyName.default(""),
    password: PasswordText.optional(),
  }),
  async (input) => {
    const invited = await invitationByToken({ token: input.token });
    const passwordHash = invited.hasAccount ? null : await newPassword(invited.email, input);
    const accepted = await Db.use(async (tx) => {
      const row = await openByToken(tx, input.token);
      const [taken] = await tx
        .update(invitationTable)
        .set({ acceptedAt: new Date() })
        .where(and(eq(invitationTable.id, row.id), isOpen()))
        .returning({ id: invitationTable.id });
      if (!taken) throw EmailToken.over();
      const userId = await memberOf(tx, row.email, input, passwordHash);
      await tx
        .insert(roleGrantTable)
        .values(row.roles.map((role) => ({ userId, role, grantedBy: row.invitedBy })))
        .onConflictDoNothing();
      await Audit.record({
        action: "invitation.accepted",
        targetType: "invitation",
        targetId: row.id,
        data: { userId, roles: row.roles },
      });
      return { userId };
    });
    Rights.forget(accepted.userId);
    return accepted;
  },
);

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

/** The account of the address, made now or there already (its address is proved in either case). */
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
    .where(eq(userTable.email, email));
  if (!member) throw new DomainError("conflict", "invitation.changed", "Please open the link in the mail again.");
  if (!member.emailVerifiedAt) {
    // Whoever signed up with this address before never proved it: their password does not come along.
    await tx
      .update(userTable)
      .set({ emailVerifiedAt: new Date(), passwordHash, sessionsValidFrom: new Date() })
      .where(eq(userTable.id, member.id));
    if (!passwordHash) await EmailToken.request(tx, member.id, "reset_password");
  }
  return member.id;
}

async function openByToken(tx: Db.Tx, token: string) {
  const [row] = await tx
    .select()
    .from(invitationTable)
    .where(
      and(eq(invitationTable.tokenHash, Secret.hashOf(token)), isOpen(), gt(invitationTable.expiresAt, new Date())),
    );
  if (!row || !(await stillStands(tx, row))) throw EmailToken.over();
  return row;
}

const closed = () =>
  new DomainError("conflict", "invitation.closed", "This invitation was accepted or revoked already.");

const toInfo = (row: typeof invitationTable.$inferSelect): InvitationInfo => ({
  id: row.id,
  email: shownEmail(row.email),
  roles: row.roles,
  message: row.message,
  status: row.acceptedAt ? "accepted" : row.revokedAt ? "revoked" : row.expiresAt <= new Date() ? "expired" : "open",
  expiresAt: row.expiresAt.toISOString(),
  acceptedAt: row.acceptedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});
