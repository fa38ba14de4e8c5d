import * as Secret from "../../kernel/crypto/index.ts";
import { mine } from "../../kernel/dynamo/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { Secrets } from "../../kernel/secret/index.ts";
import { AttemptItem } from "./attempt.entity.ts";

const minute = 60_000;
const hour = 60 * minute;

export interface Limit {
  readonly name: string;
  /** Attempts within one window; the next one is refused until the pause ends. */
  readonly max: number;
  readonly windowMs: number;
  /** The first pause. Each window used up after it doubles the pause, up to `maxPauseMs`. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
}

export const limits = {
  /** Wrong passwords for one account, known or not, from one place: 5 in 15 minutes, then a pause of 15, 30 and 60 minutes. */
  account: { name: "account", max: 5, windowMs: 15 * minute, pauseMs: 15 * minute, maxPauseMs: hour },
  /** The same from all places together but the person's known devices. High, for it shuts out the person elsewhere too. */
  everywhere: { name: "everywhere", max: 50, windowMs: hour, pauseMs: 15 * minute, maxPauseMs: hour },
  /** The password of a signed-in person, asked for again. */
  again: { name: "again", max: 5, windowMs: 15 * minute, pauseMs: 15 * minute, maxPauseMs: hour },
  /** Mails to one inbox that a stranger can ask for (verification, reset, a new address). */
  mail: { name: "mail", max: 5, windowMs: hour, pauseMs: 15 * minute, maxPauseMs: hour },
  /** Invitations of a school to one inbox, sent again or anew. */
  invitation: { name: "invitation", max: 10, windowMs: hour, pauseMs: 15 * minute, maxPauseMs: hour },
  /** Second-factor codes of one person. */
  code: { name: "code", max: 5, windowMs: 10 * minute, pauseMs: 15 * minute, maxPauseMs: hour },
} as const satisfies Record<string, Limit>;

/**
 * Counts one attempt before it is made, and refuses it (429 with `retryAfter`) after too many. Parallel guesses count
 * one by one. `forgive` takes a successful attempt back. Returns whether it is the last one before a pause.
 */
export async function admit(limit: Limit, subject: string): Promise<boolean> {
  const id = { ...mine(), subject: await keyOf(limit, subject) };
  for (let round = 0; round < 4; round++) {
    const now = Date.now();
    const { data: seen } = await AttemptItem().get(id).go({ consistent: true });
    if (seen && seen.until > now) throw tooMany(seen.until - now);
    const open = seen !== null && now - seen.since < limit.windowMs ? seen : undefined;
    const count = (open?.count ?? 0) + 1;
    const pauses = seen?.pauses ?? 0;
    const isLast = count >= limit.max;
    const pause = Math.min(limit.pauseMs * 2 ** pauses, limit.maxPauseMs);
    const next = {
      ...id,
      // The attempt that fills the window is still made; the pause after it begins a fresh window.
      count: isLast ? 0 : count,
      since: open?.since ?? now,
      pauses: isLast ? pauses + 1 : pauses,
      until: isLast ? now + pause : 0,
      version: (seen?.version ?? 0) + 1,
      expiresAt: Math.floor((now + 24 * hour) / 1000),
    };
    const stored = await AttemptItem()
      .put(next)
      .where((item, { eq, notExists }) => (seen ? eq(item.version, seen.version) : notExists(item.version)))
      .go()
      .then(
        () => true,
        (error: unknown) => {
          if (isConditionFailure(error)) return false;
          throw error;
        },
      );
    if (stored) return isLast;
  }
  // Somebody is sending many at once.
  throw tooMany(1000);
}

/** The attempt succeeded: the subject starts afresh. */
export const forgive = async (limit: Limit, subject: string): Promise<void> => {
  await AttemptItem()
    .delete({ ...mine(), subject: await keyOf(limit, subject) })
    .go();
};

/** Failures from one address an hour, over all accounts. Only failures: a whole class may sign in from one address. */
const failures = { max: 100, windowMs: hour } as const;

const windowOf = async (subject: string) => {
  const window = Math.floor(Date.now() / failures.windowMs);
  const name = await nameOf(subject);
  return { id: { ...mine(), subject: `address:${name}:${window}` }, endsAt: (window + 1) * failures.windowMs };
};

/** Refuses (429) an address from which too much has failed in this hour. */
export async function requireFewFailures(address: string): Promise<void> {
  const { id, endsAt } = await windowOf(address);
  const { data } = await AttemptItem().get(id).go({ consistent: true });
  if (data && data.count >= failures.max) throw tooMany(endsAt - Date.now());
}

/** Counts a failure. An atomic addition: people who share an address do not wait for each other. */
export async function failed(address: string): Promise<void> {
  const { id, endsAt } = await windowOf(address);
  await AttemptItem()
    .upsert({ ...id, since: 0, pauses: 0, until: 0, version: 0, expiresAt: Math.floor(endsAt / 1000) })
    .add({ count: 1 })
    .go();
}

/** Did a conditional write find something else than it expected? */
export const isConditionFailure = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === "ConditionalCheckFailedException" ||
    (error.cause !== undefined && error.cause !== error && isConditionFailure(error.cause)));

function tooMany(ms: number): DomainError {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const wait = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return new DomainError(
    "rate_limited",
    "auth.too_many_attempts",
    `That was tried too often. Please wait ${wait} and try again.`,
    undefined,
    seconds,
  );
}

const keyOf = async (limit: Limit, subject: string): Promise<string> =>
  `${limit.name}:${await nameOf(byInbox.has(limit.name) ? inboxOf(subject) : subject)}`;

const byInbox = new Set<string>([limits.mail.name, limits.invitation.name]);

/** Whatever follows a plus reaches the same inbox. Dots stay: only some providers ignore them. */
export function inboxOf(email: string): string {
  const at = email.lastIndexOf("@");
  const plus = email.indexOf("+");
  return plus > 0 && plus < at ? email.slice(0, plus) + email.slice(at) : email;
}

const nameOf = async (subject: string): Promise<string> =>
  Secret.fingerprint(await Secrets.get("SessionSecret"), "attempt", subject);

export * as Attempts from "./attempts.ts";
