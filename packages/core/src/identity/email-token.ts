import { and, desc, eq, gt, isNotNull, isNull, lt, sql } from "drizzle-orm";
import { useActor } from "../kernel/actor/index.ts";
import { Db } from "../kernel/db/index.ts";
import { DomainError } from "../kernel/error/index.ts";
import { createId } from "../kernel/id/index.ts";
import { Events } from "./identity.event.ts";
import { type emailTokenPurposes, emailTokenTable, invitationTable, userTable } from "./identity.sql.ts";
import * as Secret from "./secret.ts";

type Purpose = (typeof emailTokenPurposes)[number];

const hour = 60 * 60 * 1000;
/** How long the link in a mail works, counted from when the mail is made. */
export const lifetimeMs = { verify_email: 24 * hour, reset_password: hour, invitation: 7 * 24 * hour } as const;

/** Notes that a mail is wanted and tells the consumer that sends it, in the open transaction. No secret exists yet. */
export async function request(
  tx: Db.Tx,
  userId: string,
  purpose: Purpose,
  passwordHash?: string | null,
): Promise<void> {
  const tokenId = createId("token");
  await tx.insert(emailTokenTable).values({
    id: tokenId,
    userId,
    purpose,
    passwordHash: passwordHash ?? null,
    expiresAt: new Date(Date.now() + lifetimeMs[purpose]),
  });
  if (purpose === "verify_email") await Events.VerificationRequested.emit({ tokenId });
  else await Events.PasswordResetRequested.emit({ tokenId });
}

/**
 * For the consumer that sends the mail, just before it does: makes the secret, keeps its hash, and answers the secret.
 * Null when there is nothing to send any more: used, over, or the person is gone. Made again, the earlier link dies.
 */
export async function mintToken(tokenId: string): Promise<string | null> {
  requireSystem();
  const token = Secret.newSecret();
  const minted = await Db.use((tx) =>
    tx
      .update(emailTokenTable)
      .set({
        tokenHash: Secret.hashOf(token),
        expiresAt: sql`now() + case ${emailTokenTable.purpose} when 'reset_password' then interval '1 hour' else interval '24 hours' end`,
      })
      .where(
        and(eq(emailTokenTable.id, tokenId), isNull(emailTokenTable.usedAt), gt(emailTokenTable.expiresAt, new Date())),
      )
      .returning({ id: emailTokenTable.id }),
  );
  return minted.length > 0 ? token : null;
}

/** As `mintToken`, for an invitation. Null when it was accepted, revoked or is over. */
export async function mintInvitation(invitationId: string): Promise<string | null> {
  requireSystem();
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
}

/** Deletes tokens that were over a month ago, and the waiting passwords with them. Nightly, as the system. */
export async function purgeTokens(): Promise<void> {
  requireSystem();
  await Db.use(
    (tx) => tx.delete(emailTokenTable).where(lt(emailTokenTable.expiresAt, sql`now() - interval '30 days'`)),
    {
      kind: "job",
    },
  );
}

/** What a token opens, without using it: for the page behind the link. 410 when it was used or is over. */
export async function peek(tx: Db.Tx, purpose: Purpose, token: string) {
  const [row] = await tx
    .select({
      id: emailTokenTable.id,
      userId: emailTokenTable.userId,
      passwordHash: emailTokenTable.passwordHash,
      email: userTable.email,
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

/** Uses a token, once: of two requests that bring it at the same moment one gets it. The person's others of its kind die. */
export async function use(tx: Db.Tx, purpose: Purpose, token: string) {
  const row = await peek(tx, purpose, token);
  const used = await tx
    .update(emailTokenTable)
    .set({ usedAt: new Date() })
    .where(and(eq(emailTokenTable.id, row.id), isNull(emailTokenTable.usedAt)))
    .returning({ id: emailTokenTable.id });
  if (used.length === 0) throw over();
  await tx
    .update(emailTokenTable)
    .set({ usedAt: new Date() })
    .where(
      and(eq(emailTokenTable.userId, row.userId), eq(emailTokenTable.purpose, purpose), isNull(emailTokenTable.usedAt)),
    );
  return row;
}

/** The password of the latest sign-up that is waiting for its mail, so a mail sent again confirms the same one. */
export async function pendingPassword(tx: Db.Tx, userId: string): Promise<string | null> {
  const [row] = await tx
    .select({ passwordHash: emailTokenTable.passwordHash })
    .from(emailTokenTable)
    .where(and(eq(emailTokenTable.userId, userId), isNotNull(emailTokenTable.passwordHash)))
    .orderBy(desc(emailTokenTable.createdAt), desc(emailTokenTable.id))
    .limit(1);
  return row?.passwordHash ?? null;
}

export const over = (): DomainError =>
  new DomainError("gone", "token.over", "This link was used already or is too old. Ask for a new one.");

function requireSystem(): void {
  if (useActor().type !== "system")
    throw new DomainError("forbidden", "permission.denied", "Only the consumer that sends the mail may do this.");
}

export * as EmailToken from "./email-token.ts";
