import type { Envelope } from "@lectern/core/kernel/event";
import { log } from "@lectern/core/kernel/log";
import { type Message, type Notification, Notify } from "@lectern/core/talk/notify";
import { sendOnce } from "../mail/send.ts";
import { consumerOf, type Reaction } from "./consumer.ts";
import { RetryLater } from "./retry.ts";
import { reached } from "./steps.ts";

/** Less than the function's time-out, so that one event that hangs does not make SQS redeliver its neighbors. */
const deadlineMs = 20_000;

/**
 * Returns the reaction that delivers these notifications. The feed knows an event and the ledger a mail, so an event that
 * is redelivered repeats nothing, and only what failed is done.
 * @throws Error for two notifications of one name, and for two on one event that both have a feed entry.
 */
export function delivery(name: string, notifications: readonly Notification[], within = deadlineMs): Reaction {
  checkUnique(notifications);
  const responses = [...Map.groupBy(notifications, ({ on }) => on)].map(([type, group]) => ({
    type,
    react: (event: Envelope) => beforeDeadline(deliver(group, event), within, `${type} ${event.id}`),
  }));
  return consumerOf(name, responses);
}

function checkUnique(notifications: readonly Notification[]): void {
  const twice = (keys: readonly string[]) => keys.find((key, at) => keys.indexOf(key) !== at);
  const name = twice(notifications.map((each) => each.name));
  if (name) throw new Error(`two notifications are named ${name}`);
  // The feed holds one entry per event and person.
  const type = twice(notifications.filter(({ hasFeed }) => hasFeed).map(({ on }) => on));
  if (type) throw new Error(`two notifications on ${type} have a feed entry`);
}

/** Delivers everything that can be delivered, then throws what failed. */
async function deliver(notifications: readonly Notification[], event: Envelope): Promise<void> {
  const failures = (await Promise.all(notifications.map((each) => failuresOf(each, event)))).flat();
  if (failures.length > 0) throw worst(failures);
}

async function failuresOf(notification: Notification, event: Envelope): Promise<unknown[]> {
  const { name } = notification;
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof RetryLater)) log.warn({ notification: name, eventId: event.id }, "notification failed");
      failures.push(error);
    }
  };
  await attempt(async () => {
    await reached(`${name}: begin`);
    for (const message of await notification.messages(event)) {
      await attempt(() => push(message, event));
      await attempt(() => mail(message, notification, event));
    }
    await reached(`${name}: end`);
  });
  return failures;
}

async function push({ feed }: Message, event: Envelope): Promise<void> {
  if (!feed) return;
  const { userId, entry } = feed;
  const { id: eventId, type } = event;
  await Notify.push({ eventId, userId, type, ...entry(), at: Date.parse(event.occurredAt) });
}

async function mail(message: Message, { name, category }: Notification, event: Envelope): Promise<void> {
  if (message.mail) await sendOnce({ template: name, category, event, ...message.mail });
}

/** A real failure before a wait, and the shortest wait: the others wait again then. */
function worst(failures: readonly unknown[]): unknown {
  const isWait = (error: unknown) => error instanceof RetryLater;
  const [failure] = failures.filter((error) => !isWait(error));
  return failure ?? failures.filter(isWait).sort((a, b) => a.seconds - b.seconds)[0];
}

async function beforeDeadline(work: Promise<void>, ms: number, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} was not delivered in ${ms} ms`)), ms);
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
