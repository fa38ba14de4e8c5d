import { and, eq, gt, isNull } from "drizzle-orm";
import * as z from "zod";
import * as RateLimit from "../../house/rate-limit/index.ts";
import { useActor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { canonicalEmail, shownEmail } from "../../util/email/index.ts";
import * as Audit from "../audit/index.ts";
import { requireDomainKept, setPassword } from "./account.ts";
import * as Attempts from "./attempts.ts";
import { limits } from "./attempts.ts";
import * as EmailToken from "./email-token.ts";
import { eraseFromFinder, indexForFinder } from "./finder.ts";
import { Events } from "./identity.event.ts";
import { emailTokenTable } from "./identity.sql.ts";
import * as Reauth from "./reauth.ts";
import * as Session from "./session.ts";
import * as StrangerMail from "./stranger-mail.ts";
import { userTable } from "./user.sql.ts";
import * as User from "./user.ts";
import { Email } from "./user.ts";

// A change of address takes effect when the new address confirms it. The former address gets a mail before and after,
// and may undo the change for a week, so a thief of a session and its password cannot keep the account.

const token = z.string().min(1).max(200);
const UserId = z.object({ userId: z.string().max(64) });
const onUser = ({ userId }: { userId: string }) => ({ type: "user", id: userId });

/**
 * One person's changes per day: each sends mail to a typed address. A person without a proved address gets only enough
 * to correct a typo.
 */
const perDay = { bucket: "email.change", max: 5, perSeconds: 86_400 } as const;
const unprovedPerDay = { ...perDay, max: 2 } as const;

/**
 * Requests a change of one's own address. Both addresses get a mail; the new one confirms. The answer is the same when
 * another account has the new address.
 * @throws sign_up.domain as 403; auth.password_required, auth.wrong_credentials, email.same as 422; 429
 */
export const changeEmail = fn.self(
  "profile.manage",
  z.object({ email: Email, password: z.string().max(1024) }),
  async ({ userId }, { email, password }) => {
    const [user] = await Db.use((tx) => tx.select().from(userTable).where(eq(userTable.id, userId)));
    if (!user) throw User.notFound();
    await Reauth.requirePassword(userId, password, "password", "Please enter your password.");
    await requireDomainKept(user.email, email);
    await requestChange({ ...user, isProved: user.emailVerifiedAt !== null }, email);
  },
);

/**
 * Requests a change of someone's address. Only an owner may do it for an owner, with their own password again, because
 * the address opens the account; no API key may.
 * @throws auth.password_required, auth.wrong_credentials as 422
 */
export const changeEmailOf = fn.on(
  "user.manage",
  onUser,
  UserId.extend({
    email: Email,
    /** The actor's own password; asked for only where an owner's address changes. */
    ownPassword: z.string().max(1024).optional(),
  }),
  async ({ userId, email, ownPassword }) => {
    const actor = useActor();
    User.requireNoKey("email.not_by_key", "An API key cannot change who an account belongs to.", "email");
    if (actor.type === "user" && actor.userId === userId)
      throw new DomainError("conflict", "email.own", "Change your own address on your account page.");
    const user = await Db.use((tx) => User.read(tx, userId));
    User.requireReach(user);
    await Reauth.forOwner(user.roles, ownPassword);
    await StrangerMail.admit("invitation");
    await requestChange({ ...user, email: canonicalEmail(user.email), isProved: user.emailVerified }, email);
  },
);

interface Account {
  readonly id: string;
  readonly email: string;
  readonly isProved: boolean;
}

async function requestChange(user: Account, email: string): Promise<void> {
  if (user.email === email) {
    const message = "That is the address of this account already.";
    throw new DomainError("invalid", "email.same", message, { email: message });
  }
  const { allowed, retryAfter } = await RateLimit.take({ ...(user.isProved ? perDay : unprovedPerDay), key: user.id });
  if (!allowed)
    throw new DomainError(
      "rate_limited",
      "email.too_many_changes",
      "The address was changed too often today. Please try again tomorrow.",
      undefined,
      retryAfter,
    );
  await Attempts.admit(limits.mail, email);
  await Db.use(async (tx) => {
    await EmailToken.end(tx, user.id, eq(emailTokenTable.purpose, "change_email"));
    await EmailToken.request(tx, user.id, "change_email", { email });
    await Audit.record({ action: "email.change_requested", targetType: "user", targetId: user.id });
  });
}

const pendingOf = async (tx: Db.Tx, userId: string): Promise<string | null> => {
  const [row] = await tx
    .select({ email: emailTokenTable.email })
    .from(emailTokenTable)
    .where(
      and(
        eq(emailTokenTable.userId, userId),
        eq(emailTokenTable.purpose, "change_email"),
        isNull(emailTokenTable.usedAt),
        gt(emailTokenTable.expiresAt, new Date()),
      ),
    );
  return row?.email ? shownEmail(row.email) : null;
};

/** Returns the account's new address that waits for confirmation; null without a change. */
export const pendingEmail = fn.self("profile.manage", z.object({}).default({}), async (me) => ({
  email: await Db.use((tx) => pendingOf(tx, me.userId)),
}));

/** Takes a waiting change of one's own address back. */
export const cancelEmailChange = fn.self("profile.manage", z.object({}).default({}), (me) =>
  Db.use((tx) => EmailToken.end(tx, me.userId, eq(emailTokenTable.purpose, "change_email"))),
);

/** Returns what a link about a change of address does, for its page. 410 when it has expired. */
export const emailChangeByToken = fn.public(
  "the token in the mail is the proof",
  z.object({ token, purpose: z.enum(["change_email", "undo_email_change"]) }),
  async (input) => {
    const row = await Db.use((tx) => EmailToken.peek(tx, input.purpose, input.token));
    return { from: row.email, to: row.newEmail ?? "" };
  },
);

/**
 * Confirms a change of address from the new mailbox. Keeps sessions; ends every other link of the person.
 * @throws user.exists as 409; 410
 */
export const confirmEmailChange = fn.public("the token in the mail is the proof", z.object({ token }), async (input) =>
  Db.use(async (tx) => {
    const row = await EmailToken.use(tx, "change_email", input.token);
    const email = await move(tx, row);
    await EmailToken.endAll(tx, row.userId);
    await EmailToken.request(tx, row.userId, "undo_email_change", { email: row.email });
    // An unproved address may be a stranger's, so it gets no power over the account.
    if (!row.emailVerifiedAt)
      await EmailToken.end(
        tx,
        row.userId,
        and(eq(emailTokenTable.purpose, "undo_email_change"), eq(emailTokenTable.email, row.email)),
      );
    await Audit.record({ action: "email.changed", targetType: "user", targetId: row.userId });
    return { userId: row.userId, email };
  }),
);

/**
 * Restores the account's former address: ends every session, link and the password; a mail lets its owner choose a new
 * one.
 * @throws user.exists as 409; 410
 */
export const undoEmailChange = fn.public("the token in the mail is the proof", z.object({ token }), async (input) => {
  const undone = await Db.use(async (tx) => {
    const row = await EmailToken.use(tx, "undo_email_change", input.token);
    const email = await move(tx, row);
    // The person who changed the address knew the password, or has set one since.
    await setPassword(tx, row.userId, null);
    await EmailToken.end(tx, row.userId, gt(emailTokenTable.createdAt, row.createdAt));
    // From here on the row names the address that the account no longer has.
    await tx.update(emailTokenTable).set({ email: row.email }).where(eq(emailTokenTable.id, row.id));
    await Events.EmailChanged.emit({ tokenId: row.id });
    await EmailToken.request(tx, row.userId, "reset_password");
    await Audit.record({ action: "email.change_undone", targetType: "user", targetId: row.userId });
    return { userId: row.userId, email };
  });
  await Session.sweep(undone.userId);
  return undone;
});

/** Sets the row's address on the account as proved. Two accounts may claim one at the same moment. */
async function move(tx: Db.Tx, row: { userId: string; newEmail: string | null }): Promise<string> {
  if (!row.newEmail) throw EmailToken.over();
  const set = { email: row.newEmail, emailVerifiedAt: new Date() };
  try {
    await tx.update(userTable).set(set).where(eq(userTable.id, row.userId));
  } catch (error) {
    if (!Db.isUniqueViolation(error)) throw error;
    throw new DomainError("conflict", "user.exists", "Another account of this school has that address.");
  }
  return row.newEmail;
}

/**
 * Updates "find my school" with the new address and without the former one; for the consumer of `user.email_changed`.
 */
export async function moveInFinder(tokenId: string): Promise<void> {
  const [row] = await Db.use((tx) =>
    tx
      .select({ userId: emailTokenTable.userId, email: emailTokenTable.email })
      .from(emailTokenTable)
      .where(eq(emailTokenTable.id, tokenId)),
  );
  if (!row?.email) return;
  const former = row.email;
  await indexForFinder(row.userId);
  const [still] = await Db.use((tx) =>
    tx.select({ id: userTable.id }).from(userTable).where(eq(userTable.email, former)),
  );
  if (!still) await eraseFromFinder(former);
}
