import { setTimeout as sleep } from "node:timers/promises";
import { Resource } from "sst";
import { Aws } from "../aws/index.ts";
import { log } from "../log/index.ts";

// The relay runs every minute. A commit with an event in an outbox also invokes it asynchronously: Lambda answers 202.
// A lost call costs a minute and no event (docs/adr/0005-outbox.md).

/** A process calls the relay at most this often. */
export const nudgeEveryMs = 250;

/** What the relay gets instead of the schedule's event. */
export const nudgeEvent = { source: "lectern.nudge" } as const;

/**
 * How long a function waits for its call before it answers, so a slow Lambda API delays a page by no more than this.
 */
const flushMs = 500;

let calledAt = 0;
let call: Promise<void> | undefined;

/**
 * Calls the relay, at most once per `nudgeEveryMs` and process: the relay looks again that long after each call, so it
 * finds later commits too. Returns at once and never throws.
 */
export function nudge(): void {
  // Not performance.now(): a monotonic clock may stop while Lambda has frozen the process, which would skip a call.
  const now = Date.now();
  if (Math.abs(now - calledAt) < nudgeEveryMs) return;
  calledAt = now;
  const made = invoke().finally(() => {
    if (call === made) call = undefined;
  });
  call = made;
}

async function invoke(): Promise<void> {
  try {
    const { InvokeCommand } = await import("../aws/parts/lambda.ts");
    await Aws.lambda().send(
      new InvokeCommand({
        FunctionName: Resource.Relay.function,
        InvocationType: "Event",
        Payload: JSON.stringify(nudgeEvent),
      }),
    );
  } catch (err) {
    calledAt = 0; // the next commit calls again
    log.warn({ err }, "the relay was not called; its schedule publishes the events");
  }
}

/** Waits for a call under way, `flushMs` at most. Before a process ends, and wherever `beforeFreeze` is called. */
export async function flushNudge(): Promise<void> {
  if (!call) return;
  const late = new AbortController();
  await Promise.race([call, sleep(flushMs, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
}

/**
 * Runs a handler and waits until its call of the relay is sent, because Lambda freezes the process after the answer.
 * Does not wait elsewhere.
 */
export async function beforeFreeze<T>(handle: () => Promise<T> | T): Promise<T> {
  try {
    return await handle();
  } finally {
    if (process.env.AWS_LAMBDA_FUNCTION_NAME) await flushNudge();
  }
}
