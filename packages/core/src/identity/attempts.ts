import { Resource } from "sst";
import { mine } from "../kernel/dynamo/index.ts";
import { DomainError } from "../kernel/error/index.ts";
import { AttemptItem } from "./attempt.entity.ts";
import { Secret } from "./secret.ts";

const minute = 60_000;
const hour = 60 * minute;

export interface Limit {
  readonly name: string;
  /** Attempts within one window; the next one is refused until the pause is over. */
  readonly max: number;
  readonly windowMs: number;
  /** The first pause. Each window used up after it doubles the pause, up to `maxPauseMs`. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
}

export const limits = {
  /** Wrong passwords for one account, known or not: 5 in 15 minutes, then a pause of 15, 30 and 60 minutes. */
  account: { name: "account", max: 5, windowMs: 15 * minute, pauseMs: 15 * minute, maxPauseMs: hour },
  /** Wrong passwords from one address, over all accounts. */
  address: { name: "address", max: 100, windowMs: hour, pauseMs: 15 * minute, maxPauseMs: hour },
  /** Mails to one inbox that a stranger can ask for (verification, reset, finder). */
  mail: { name: "mail", max: 5, windowMs: hour, pauseMs: 15 * minute, maxPauseMs: hour },
  /** Second-factor codes of one person. */
  code: { name: "code", max: 5, windowMs: 10 * minute, pauseMs: 15 * minute, maxPauseMs: hour },
} as const satisfies Record<string, Limit>;

/**
 * Counts one attempt before it is made, and refuses it (429 with `retryAfter`) when there were too many. Guesses sent in
 * parallel are counted one by one. An attempt that turns out well is taken back with `forgive` or `refund`.
 */
export async function admit(limit: Limit, subject: string): Promise<void> {
  const id = { ...mine(), subject: keyOf(limit, subject) };
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
    if (stored) return;
  }
  // Somebody is sending many at once.
  throw tooMany(1000);
}

/** The attempt succeeded: the subject starts afresh. */
export const forgive = async (limit: Limit, subject: string): Promise<void> => {
  await AttemptItem()
    .delete({ ...mine(), subject: keyOf(limit, subject) })
    .go();
};

/** Takes one attempt back, so that only failures count where many people share a subject (an address). */
export async function refund(limit: Limit, subject: string): Promise<void> {
  const id = { ...mine(), subject: keyOf(limit, subject) };
  await AttemptItem()
    .patch(id)
    .subtract({ count: 1 })
    .add({ version: 1 })
    .where((item, { gt }) => gt(item.count, 0))
    .go()
    .catch((error: unknown) => {
      if (!isConditionFailure(error)) throw error;
    });
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

const keyOf = (limit: Limit, subject: string): string =>
  `${limit.name}:${Secret.fingerprint(Resource.SessionSecret.value, "attempt", subject)}`;

export * as Attempts from "./attempts.ts";
