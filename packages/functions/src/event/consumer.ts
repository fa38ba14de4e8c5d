import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { Directory } from "@lectern/core/kernel/directory";
import { isDomainError } from "@lectern/core/kernel/error";
import { beforeFreeze, type Envelope, type EventDefinition } from "@lectern/core/kernel/event";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Measure } from "@lectern/core/kernel/measure";
import { Resource } from "sst";
import type { z } from "zod";
import { BusMessage, Envelope as ParsedEnvelope } from "./envelope.ts";
import { park } from "./parked.ts";
import { RetryLater } from "./retry.ts";
import type { SqsBatchResponse, SqsEvent, SqsRecord } from "./sqs.ts";
import { reached } from "./steps.ts";

/** One queue with its rule and its function. `name` is the queue's key in `Resource.Queues`. */
export interface Reaction {
  readonly name: string;
  /** Ours, or the account's default bus, where AWS services tell what happened. */
  readonly bus: "lectern" | "default";
  /** The `source` the rule asks for; undefined on our own bus, where the type says enough. */
  readonly source?: string;
  /** The `detail-type`s the rule asks for. */
  readonly on: readonly string[];
  readonly handler: (event: SqsEvent) => Promise<SqsBatchResponse>;
}

/** What to do about one type of event. It parses the event's data with the event's own schema. */
export interface Response {
  readonly type: string;
  readonly react: (event: Envelope) => Promise<void>;
}

/** Returns what to do about an event of this type. */
export const when = <S extends z.ZodType>(
  definition: EventDefinition<S>,
  react: (event: Envelope<z.output<S>>) => Promise<void>,
): Response => ({
  type: definition.type,
  react: (event) => react({ ...event, data: definition.read(event) }),
});

/** Returns a reaction to one type of event. */
export const consumer = <S extends z.ZodType>(
  name: string,
  definition: EventDefinition<S>,
  react: (event: Envelope<z.output<S>>) => Promise<void>,
): Reaction => consumerOf(name, [when(definition, react)]);

/**
 * Returns a reaction to these types of event, run as the system in the event's school, on behalf of who caused it.
 * Delivery is at least once and in no order: `react` reads the present rows and does its work once (`Inbox.once`, or an
 * effect with a key of its own). What it throws is retried, later each time, and in the end rests in the dead-letter queue.
 */
export function consumerOf(name: string, responses: readonly Response[]): Reaction {
  const byType = new Map(responses.map((each) => [each.type, each]));
  return {
    name,
    bus: "lectern",
    on: [...byType.keys()],
    handler: batch(name, async (record) => {
      const message = BusMessage.parse(JSON.parse(record.body));
      const event = ParsedEnvelope.parse(message.detail);
      const response = byType.get(event.type);
      if (!response) throw new Error(`${name} was handed a ${event.type}`);
      const school = await schoolOf(event, name, record.body);
      if (!school) return;
      await withSystem(school, name, event, async () => {
        await reached(`${name}: begin`);
        try {
          await response.react(event);
        } catch (error) {
          // Suspended since the directory was read.
          if (!isDomainError(error) || error.code !== "school.suspended") throw error;
          await park(name, event.id, record.body);
        }
        await reached(`${name}: end`);
      });
    }),
  };
}

/** Handles each record alone: one that fails stays in the queue, and its neighbors are deleted from it. */
export function batch(
  name: string,
  handle: (record: SqsRecord) => Promise<void>,
): (event: SqsEvent) => Promise<SqsBatchResponse> {
  return async ({ Records }) => {
    const outcomes = await beforeFreeze(() =>
      Promise.all(
        Records.map((record) =>
          Measure.job(`consumer ${name}`, async () => {
            try {
              await handle(record);
              return undefined;
            } catch (error) {
              await postpone(name, record, error);
              return { itemIdentifier: record.messageId };
            }
          }),
        ),
      ),
    );
    return { batchItemFailures: outcomes.filter((each) => each !== undefined) };
  };
}

const settlingMs = 60_000;

/** The event's school, or undefined when there is nothing to do for it: it is gone, or the event has been parked. */
async function schoolOf(event: Envelope, name: string, body: string): Promise<Route | undefined> {
  const school = await Directory.bySchool(event.schoolId);
  const about = { consumer: name, eventId: event.id, schoolId: event.schoolId };
  if (!school) {
    // A school that is just being opened may publish before the directory knows it.
    if (Date.now() - Date.parse(event.occurredAt) < settlingMs) throw new RetryLater(20, "the school is not known yet");
    log.warn(about, "event dropped: its school is gone");
    return undefined;
  }
  if (school.state === "deleting") {
    log.warn(about, "event dropped: its school is being deleted");
    return undefined;
  }
  if (school.state === "suspended") {
    await withSystem(school, name, event, () => park(name, event.id, body));
    log.info(about, "event parked: its school is suspended");
    return undefined;
  }
  return school;
}

const withSystem = <T>(school: Route, name: string, event: Envelope, work: () => Promise<T>): Promise<T> =>
  Actor.withActor(
    {
      type: "system",
      school,
      reason: name,
      requestId: createId("request"),
      causationId: event.id,
      correlationId: event.correlationId,
      ...(event.actor.type === "user" && event.actor.id !== null && { onBehalfOf: event.actor.id }),
    },
    work,
  );

/** Says when to try again, after 2, 8, 32, 128 seconds: five receives outlast a database that is being replaced. */
async function postpone(name: string, record: SqsRecord, error: unknown): Promise<void> {
  const received = Number(record.attributes?.ApproximateReceiveCount ?? 1);
  const isLater = error instanceof RetryLater;
  const seconds = isLater ? Math.ceil(error.seconds) : Math.min(300, 2 * 4 ** Math.min(received - 1, 6));
  const about = { consumer: name, messageId: record.messageId, received, seconds };
  if (isLater) log.info({ ...about, why: error.message, err: error.cause }, "event postponed");
  else log.error({ ...about, err: error }, "event failed");
  const queueUrl = Resource.Queues.urls[name];
  if (!queueUrl || !record.receiptHandle) return;
  try {
    const { ChangeMessageVisibilityCommand } = await import("./queue-commands.ts");
    await Aws.sqs().send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  } catch (cause) {
    log.warn({ ...about, err: cause }, "could not postpone the message; the queue's own timeout brings it back");
  }
}
