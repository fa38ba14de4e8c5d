import { and, desc, eq, gt, isNotNull, isNull, lt, ne, or, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import * as Secret from "../../kernel/crypto/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Events } from "./identity.event.ts";
import { type emailTokenPurposes, emailTokenTable, invitationTable } from "./identity.sql.ts";
import { userTable } from "./user.sql.ts";
import type { Wish } from "./wish.ts";

type Purpose = (typeof emailTokenPurposes)[number];

const hour = 60 * 60 * 1000;
/** How long a link or code works. A link counts from when its mail is made. */
export const lifetimeMs = {
  verify_email: 24 * hour,
  reset_password: hour,
  sign_in: 2 * 60 * 1000,
  change_email: 24 * hour,
  undo_email_change: 7 * 24 * hour,
  invitation: 7 * 24 * hour,
} as const;

const requested = {
  verify_email: Events.VerificationRequested,
  reset_password: Events.PasswordResetRequested,
  change_email: Events.EmailChangeRequested,
  undo_email_change: Events.EmailChanged,
} as const;

const byConsumer = "the consumer that sends the mail";

export interface Details {
  readonly passwordHash?: string | null | undefined;
  /** The secret of the browser that signed up. */
  readonly browser?: string | undefined;
  readonly wish?: Wish | undefined;
  readonly email?: string | undefined;
}

/** Records a requested mail and emits its event, in the open transaction. The consumer creates the secret later. */
export async function request(
  tx: Db.Tx,
  userId: string,
  purpose: keyof typeof requested,
  details: Details = {},
): Promise<void> {
  const tokenId = createId("token");
  await tx.insert(emailTokenTable).values({ id: tokenId, ...rowOf(userId, purpose, details) });
  await requested[purpose].emit({ tokenId });
}

/** Makes a token that no mail carries and returns its secret. */
export async function issue(tx: Db.Tx, userId: string, purpose: Purpose, details: Details = {}): Promise<string> {
  const secret = Secret.newSecret();
  const row = rowOf(userId, purpose, details);
  await tx.insert(emailTokenTable).values({ id: createId("token"), ...row, tokenHash: Secret.hashOf(secret) });
  return secret;
}

const rowOf = (userId: string, purpose: Purpose, { passwordHash, browser, wish, email }: Details) => ({
  userId,
  purpose,
  passwordHash: passwordHash ?? null,
  browserHash: browser === undefined ? null : Secret.hashOf(browser),
  wish: wish ?? null,
  email: email ?? null,
  expiresAt: new Date(Date.now() + lifetimeMs[purpose]),
});

/**
 * Creates the secret of a mail, stores its hash and returns the secret; for the sending consumer. Null when the token
 * was used or has expired, or the person was removed. A second call invalidates the earlier link.
 */
export const mintToken = fn.system(byConsumer, z.string(), async (tokenId): Promise<string | null> => {
  const token = Secret.newSecret();
  const minted = await Db.use((tx) =>
    tx
      .update(emailTokenTable)
      .set({
        tokenHash: Secret.hashOf(token),
        expiresAt: sql`now() + case ${emailTokenTable.purpose} when 'reset_password' then interval '1 hour'
          when 'undo_email_change' then interval '7 days' else interval '24 hours' end`,
      })
      .where(
        and(eq(emailTokenTable.id, tokenId), isNull(emailTokenTable.usedAt), gt(emailTokenTable.expiresAt, new Date())),
      )
      .returning({ id: emailTokenTable.id }),
  );
  return minted.length > 0 ? token : null;
});

/** As `mintToken`, for an invitation. Null when it was accepted, revoked or has expired. */
export const mintInvitation = fn.system(byConsumer, z.string(), async (invitationId): Promise<string | null> => {
  const token = Secret.newSecret();
  const minted = await Db.use((tx) =>
    tx
      .update(invitationTable)
      .set({ tokenHash: Secret.hashOf(token), expiresAt: new Date(Date.now() + lifetimeMs.invitation) })
      .where(
        and(
          eq(invitationTable.id, invitationId),
          isNull(invitationTable.acceptedAt),
          isNull(invitationTable.revokedAt),
          gt(invitationTable.expiresAt, new Date()),
        ),
      )
      .returning({ id: invitationTable.id }),
  );
  return minted.length > 0 ? token : null;
});

/** Deletes tokens that expired a month ago, and their pending passwords. Nightly, as the system. */
export const purgeTokens = fn.system("the nightly cleaning", z.undefined(), async (): Promise<void> => {
  await Db.use(
    (tx) => tx.delete(emailTokenTable).where(lt(emailTokenTable.expiresAt, sql`now() - interval '30 days'`)),
    {
      kind: "job",
    },
  );
});

/**
 * Returns what a token opens without consuming it, for the page behind the link. 410 when it was used or has expired.
 */
export async function peek(tx: Db.Tx, purpose: Purpose, token: string) {
  const [row] = await tx
    .select({
      id: emailTokenTable.id,
      userId: emailTokenTable.userId,
      browserHash: emailTokenTable.browserHash,
      wish: emailTokenTable.wish,
      newEmail: emailTokenTable.email,
      createdAt: emailTokenTable.createdAt,
      email: userTable.email,
      emailVerifiedAt: userTable.emailVerifiedAt,
      givenName: userTable.givenName,
      familyName: userTable.familyName,
    })
    .from(emailTokenTable)
    .innerJoin(userTable, eq(userTable.id, emailTokenTable.userId))
    .where(
      and(
        eq(emailTokenTable.tokenHash, Secret.hashOf(token)),
        eq(emailTokenTable.purpose, purpose),
        isNull(emailTokenTable.usedAt),
        gt(emailTokenTable.expiresAt, new Date()),
      ),
    );
  if (!row) throw over();
  return row;
}

/** Uses a token once: of two concurrent requests one succeeds. */
export async function use(tx: Db.Tx, purpose: Purpose, token: string) {
  const row = await peek(tx, purpose, token);
  const used = await tx
    .update(emailTokenTable)
    .set({ usedAt: new Date(), passwordHash: null })
    .where(and(eq(emailTokenTable.id, row.id), isNull(emailTokenTable.usedAt)))
    .returning({ id: emailTokenTable.id });
  if (used.length === 0) throw over();
  return row;
}

/**
 * Ends every open token of a person, and their pending passwords, after a proved address or a changed password. Keeps
 * the former address's right to undo a change, or a thief could remove it.
 */
export async function endAll(tx: Db.Tx, userId: string): Promise<void> {
  await end(tx, userId, ne(emailTokenTable.purpose, "undo_email_change"));
}

/** Ends those of a person's open tokens that the condition names. */
export async function end(tx: Db.Tx, userId: string, which: SQL | undefined): Promise<void> {
  await tx
    .update(emailTokenTable)
    .set({ usedAt: new Date(), passwordHash: null })
    .where(and(eq(emailTokenTable.userId, userId), isNull(emailTokenTable.usedAt), which));
}

/** At most this many pending sign-ups of one address are looked at: each costs a hash. */
const mostPending = 5;

/** Returns the unconfirmed sign-ups of an address, newest first. */
export const pendingSignUps = (tx: Db.Tx, userId: string) =>
  tx
    .select({
      passwordHash: emailTokenTable.passwordHash,
      browserHash: emailTokenTable.browserHash,
      wish: emailTokenTable.wish,
    })
    .from(emailTokenTable)
    .where(
      and(
        eq(emailTokenTable.userId, userId),
        eq(emailTokenTable.purpose, "verify_email"),
        or(isNotNull(emailTokenTable.passwordHash), isNotNull(emailTokenTable.browserHash)),
        isNull(emailTokenTable.usedAt),
        gt(emailTokenTable.expiresAt, new Date()),
      ),
    )
    .orderBy(desc(emailTokenTable.createdAt), desc(emailTokenTable.id))
    .limit(mostPending);

export const over = (): DomainError =>
  new DomainError("gone", "token.over", "This link was used already or is too old. Ask for a new one.");

export * as EmailToken from "./email-token.ts";
