import { createHash } from "node:crypto";
import { mine } from "../../kernel/dynamo/index.ts";
import { canonicalEmail } from "../../util/email/index.ts";
import { MailItem, type mailStates } from "./mail.entity.ts";

// The account of every mail, so that each leaves once although its event may come often and the sender may die anywhere.
// docs/adr/0006-mail-once.md says what this guarantees and what it cannot.
//
//   (nothing) -> claimed -> sending -> sent
//                   |  \______|________/ the provider's own word
//                   skipped
//
// Claimed: somebody prepares it; nothing has left, so after `claimMs` anybody may claim it anew. Sending: the provider may
// have it; only its word (`confirm`), or `settleMs` without one, ends that.

export type Claim =
  /** Prepare it and send it, under this attempt. */
  | { readonly status: "yours"; readonly attempt: number }
  /** It has left, or there was nothing to send. */
  | { readonly status: "over" }
  /** Somebody is at it, or was; ask again after this long. */
  | { readonly status: "wait"; readonly ms: number };

export interface Timing {
  /** How long preparing a mail may take. */
  readonly claimMs: number;
  /** How long the provider's word on a mail may take. */
  readonly settleMs: number;
  /** Have all of the provider's reports so far been read? Checked before a doubtful mail is sent again. */
  readonly isHeard: () => Promise<boolean>;
}

/** Where the provider's reports never drain, a doubtful mail waits this many settling times at most. */
const patience = 3;

const keepSeconds = 90 * 24 * 60 * 60;

/** The id of a mail: the same for the same template, event and recipient. */
export function mailIdOf(template: string, eventId: string, recipient: string): string {
  const digest = createHash("sha256")
    .update(`${template}\n${eventId}\n${canonicalEmail(recipient)}`)
    .digest("hex");
  return `mal_${digest.slice(0, 40)}`;
}

/** Claims a mail that has not left yet. */
export async function claim(
  mail: { readonly mailId: string; readonly template: string; readonly eventId: string },
  timing: Timing,
): Promise<Claim> {
  const now = Date.now();
  const until = now + timing.claimMs;
  const expiresAt = Math.floor(now / 1000) + keepSeconds;
  const isNew = await holds(
    MailItem()
      .create({ ...mine(), ...mail, state: "claimed", attempt: 1, until, expiresAt })
      .go(),
  );
  if (isNew) return { status: "yours", attempt: 1 };
  const { data } = await MailItem()
    .get({ ...mine(), mailId: mail.mailId })
    .go({ consistent: true });
  if (!data) return { status: "wait", ms: 1000 };
  if (data.state === "sent" || data.state === "skipped") return { status: "over" };
  if (data.until > now) return { status: "wait", ms: data.until - now };
  if (data.state === "sending" && now < data.until + timing.settleMs * (patience - 1) && !(await timing.isHeard()))
    return { status: "wait", ms: timing.settleMs };
  const attempt = data.attempt + 1;
  const taken = await holds(
    MailItem()
      .patch({ ...mine(), mailId: mail.mailId })
      .set({ state: "claimed", attempt, until })
      .where(
        (a, is) =>
          `${is.eq(a.attempt, data.attempt)} AND ${is.eq(a.state, data.state)} AND ${is.eq(a.until, data.until)}`,
      )
      .go(),
  );
  return taken ? { status: "yours", attempt } : { status: "wait", ms: timing.claimMs };
}

/** The last step before the provider is called. False means a lost claim: do not call it. */
export const sending = (mailId: string, attempt: number, timing: Timing): Promise<boolean> =>
  advance(mailId, attempt, "claimed", { state: "sending", until: Date.now() + timing.settleMs });

/** The provider has it. */
export const sent = (mailId: string, attempt: number, messageId: string): Promise<boolean> =>
  advance(mailId, attempt, "sending", { state: "sent", messageId, sentAt: Date.now() });

/** There is nothing to send (any more). */
export const skipped = (mailId: string, attempt: number): Promise<boolean> =>
  advance(mailId, attempt, "claimed", { state: "skipped" });

/** The provider has definitely refused it, so the next delivery of the event may retry at once. */
export const refused = (mailId: string, attempt: number): Promise<boolean> =>
  advance(mailId, attempt, "sending", { state: "claimed", until: 0 });

/** Records that the provider has accepted this mail. Ends every doubt, whatever the state. */
export const confirm = (mailId: string, messageId: string): Promise<boolean> =>
  holds(
    MailItem()
      .patch({ ...mine(), mailId })
      .set({ state: "sent", messageId, sentAt: Date.now() })
      .where((a, is) => is.ne(a.state, "sent"))
      .go(),
  );

/** Records a bounce, delay or complaint. Ignores a mail whose entry has expired. */
export const returned = (mailId: string, how: "bounced" | "complained" | "delayed"): Promise<boolean> =>
  holds(
    MailItem()
      .patch({ ...mine(), mailId })
      .set({ returned: how, returnedAt: Date.now() })
      .go(),
  );

/** Returns a mail's entry; for tests and for support. */
export async function read(mailId: string) {
  const { data } = await MailItem()
    .get({ ...mine(), mailId })
    .go({ consistent: true });
  return data;
}

const advance = (
  mailId: string,
  attempt: number,
  from: (typeof mailStates)[number],
  change: { state: "claimed" | "sending" | "sent" | "skipped"; until?: number; messageId?: string; sentAt?: number },
): Promise<boolean> =>
  holds(
    MailItem()
      .patch({ ...mine(), mailId })
      .set(change)
      .where((a, is) => `${is.eq(a.attempt, attempt)} AND ${is.eq(a.state, from)}`)
      .go(),
  );

async function holds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      if (at.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

export * as MailLedger from "./ledger.ts";
