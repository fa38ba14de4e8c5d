import { Resource } from "sst";
import { maybeActor } from "../../kernel/actor/index.ts";
import { localCloud } from "../../kernel/aws/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { log } from "../../kernel/log/index.ts";
import { RateWindow } from "./rate-limit.entity.ts";

/*
 * A limit holds over all processes, yet a request must not wait for DynamoDB to be counted. So each process counts for
 * itself and keeps in step with one shared counter a key and window:
 *
 *   used = what all processes had reported when we last asked + what we have let through since
 *
 * What we have let through is reported with an atomic ADD whose answer is the new total, so one write both tells and
 * asks. While `used` is far below the limit that write runs behind the answer, once for every sixteenth of the limit and
 * after each sixth of its window: who asks a few times a minute costs one write in ten seconds. In the last quarter it is awaited, and for a small limit (sign-in, sign-up, mails) always:
 * there every call is exact. A burst that outruns its reports waits for them too. So the most that can pass beyond the
 * limit is an eighth of it for each process, and only for those that were all at work within the same few seconds. When
 * DynamoDB does not answer, the process's own count still limits: a door that counts alone is better than a school that
 * is shut.
 *
 * The count slides: the former window weighs as much as of it still lies inside the last `perSeconds`, so a client
 * cannot take the whole limit twice around a boundary, and capacity comes back evenly, as from a token bucket.
 */

export interface Take {
  /** What is limited, such as "api.write" or "auth.sign_in". */
  readonly bucket: string;
  /** The subject: a user id, an address, an e-mail's hash. The school comes from the actor. */
  readonly key: string;
  /** How many in `perSeconds`. */
  readonly max: number;
  readonly perSeconds: number;
  /** Value of the `x-lectern-local` header, where there was one. */
  readonly local?: string | undefined;
}

export interface Taken {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the window has passed. */
  readonly resetSeconds: number;
  /** Seconds until one more is allowed; 0 when this one was. */
  readonly retryAfter: number;
}

/** Tests and benches identify themselves by a local-only header and get their own bucket, this many times as large. */
const localFactor = 1000;
/** Schools' limits are in their cell's table; the platform's own are in the directory table. */
const platform = "platform";
/** How long counts may stay unreported: a sixth of the window, between one and ten seconds. */
const reportAfterMs = (perSeconds: number): number => Math.min(10_000, Math.max(1_000, (perSeconds * 1000) / 6));
/** Limits up to here are exact from the first call on. */
const exactUpTo = 30;

interface Counter {
  window: number;
  /** Last known total of all processes in this window, including our reports. */
  shared: number;
  /** Let through here and not yet reported. */
  unreported: number;
  /** Total of the window before, once known. */
  former: number | undefined;
  reportedAt: number;
  reporting: Promise<void> | undefined;
}

const counters = new Map<string, Counter>();
const maxCounters = 50_000;

/**
 * Takes one from the bucket and returns whether it was allowed; `require` throws instead. Work without an actor is the
 * platform's own (school sign-up, "find my school").
 */
export async function take(wanted: Take): Promise<Taken> {
  const limits = forLocal(wanted);
  const school = maybeActor()?.school;
  const schoolId = school?.schoolId ?? platform;
  const periodMs = limits.perSeconds * 1000;
  const now = Date.now();
  const window = Math.floor(now / periodMs);
  const elapsed = (now % periodMs) / periodMs;
  const counter = counterOf(`${schoolId}\n${limits.bucket}\n${limits.key}\n${limits.perSeconds}`, window);

  const before = usedBy(counter, elapsed);
  if (before + 1 > limits.max) {
    // Counts only grow within a window, so newer counts cannot allow this: no round trip.
    return answer(limits, counter, false, now);
  }
  counter.unreported += 1;
  // Waits near the limit, or when counts grow faster than reports.
  const near = limits.max <= exactUpTo || before + 1 > limits.max * 0.75 || counter.unreported > limits.max / 8;
  const due =
    near || counter.unreported >= limits.max / 16 || now - counter.reportedAt >= reportAfterMs(limits.perSeconds);
  if (due) {
    const reported = report(counter, limits, schoolId);
    if (near) {
      await reported;
      // A report under way does not include ours; the next one does.
      if (counter.unreported > 0) await report(counter, limits, schoolId);
      // Others may have taken the last ones meanwhile. Ours stays counted, so a client that keeps trying stays blocked.
      if (usedBy(counter, elapsed) > limits.max) return answer(limits, counter, false, now);
    }
  }
  return answer(limits, counter, true, now);
}

/** Takes one or refuses with 429. */
export async function require(wanted: Take): Promise<Taken> {
  const taken = await take(wanted);
  if (!taken.allowed) throw refusal(taken);
  return taken;
}

export const refusal = (taken: Taken): DomainError =>
  new DomainError(
    "rate_limited",
    "rate_limit.exceeded",
    `Too many requests. Please try again in ${inWords(taken.retryAfter)}.`,
    undefined,
    taken.retryAfter,
  );

function inWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? "one second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "a minute" : `${minutes} minutes`;
}

/** Waits until all counts are reported. For a process that ends, and for tests. */
export async function flush(): Promise<void> {
  await Promise.all([...counters.values()].map((counter) => counter.reporting));
}

/** Forgets what this process has counted, as a new process would. For tests. */
export const forget = (): void => counters.clear();

/** True when the header's value carries this local stage's key: `<key>` or `<key>:<name>`. Never on AWS. */
export function isLocalCaller(header: string | null | undefined): boolean {
  if (!header) return false;
  const key = localCloud()?.localKey;
  return key !== undefined && (header === key || header.startsWith(`${key}:`));
}

function forLocal(wanted: Take): Take {
  if (!isLocalCaller(wanted.local)) return wanted;
  const name = wanted.local?.split(":")[1] ?? "local";
  return { ...wanted, bucket: `${wanted.bucket}@${name.slice(0, 40)}`, max: wanted.max * localFactor };
}

function counterOf(id: string, window: number): Counter {
  const known = counters.get(id);
  if (known && known.window === window) return known;
  const former = known && known.window === window - 1 ? known.shared + known.unreported : undefined;
  const made: Counter = { window, shared: 0, unreported: 0, former, reportedAt: Date.now(), reporting: undefined };
  counters.delete(id);
  counters.set(id, made);
  if (counters.size > maxCounters) {
    // The oldest key: a Map keeps insertion order, and a used key is inserted again each window.
    const [oldest] = counters.keys();
    if (oldest !== undefined) counters.delete(oldest);
  }
  return made;
}

const usedBy = (counter: Counter, elapsed: number): number =>
  counter.shared + counter.unreported + (counter.former ?? 0) * (1 - elapsed);

/** Adds our count to the shared counter and reads the total. One call at a time per counter; failures are logged. */
function report(counter: Counter, limits: Take, schoolId: string): Promise<void> {
  counter.reporting ??= send(counter, limits, schoolId).finally(() => {
    counter.reporting = undefined;
  });
  return counter.reporting;
}

async function send(counter: Counter, limits: Take, schoolId: string): Promise<void> {
  counter.reportedAt = Date.now();
  const entity = schoolId === platform ? RateWindow.asPlatform(Resource.DirectoryTable.name) : RateWindow();
  const item = (window: number) => ({
    schoolId,
    bucket: limits.bucket,
    key: limits.key,
    window: String(window).padStart(10, "0"),
  });
  try {
    // The previous window matters only near the limit; other keys save the read.
    const isAsked = counter.former === undefined && (limits.max <= exactUpTo || counter.shared > limits.max / 4);
    const former = isAsked ? entity.get(item(counter.window - 1)).go() : undefined;
    // Takes that arrive while this is under way wait for the next report.
    const sent = counter.unreported;
    const [told, known] = await Promise.all([
      entity
        .update(item(counter.window))
        .add({ count: sent })
        .set({ expiresAt: (counter.window + 3) * limits.perSeconds })
        .go({ response: "all_new" }),
      former,
    ]);
    counter.unreported -= sent;
    counter.shared = Math.max(counter.shared + sent, told.data.count ?? 0);
    if (known) counter.former = known.data?.count ?? 0;
  } catch (error) {
    log.warn({ err: error, bucket: limits.bucket }, "rate limit not shared");
  }
}

function answer(limits: Take, counter: Counter, allowed: boolean, now: number): Taken {
  const periodMs = limits.perSeconds * 1000;
  const elapsed = (now % periodMs) / periodMs;
  const used = usedBy(counter, elapsed);
  return {
    allowed,
    limit: limits.max,
    remaining: Math.max(0, Math.floor(limits.max - used)),
    resetSeconds: Math.ceil((periodMs * (1 - elapsed)) / 1000),
    retryAfter: allowed ? 0 : retryAfter(limits, counter, elapsed),
  };
}

/**
 * Returns the seconds until the sliding count leaves room for one: as the previous window fades, else as this one does.
 */
function retryAfter(limits: Take, counter: Counter, elapsed: number): number {
  const current = counter.shared + counter.unreported;
  const former = counter.former ?? 0;
  const room = limits.max - 1;
  const wait =
    current <= room && former > 0
      ? 1 - (room - current) / former - elapsed
      : 1 - elapsed + (current > 0 ? Math.max(0, 1 - room / current) : 0);
  return Math.max(1, Math.ceil(wait * limits.perSeconds));
}

export * as RateLimit from "./index.ts";
