import { sql } from "drizzle-orm";
import type { z } from "zod";
import { type ActorStamp, stamp, useActor } from "../actor/index.ts";
import { Db } from "../db/index.ts";
import { createId } from "../id/index.ts";
import { nudge } from "./nudge.ts";
import { OutboxItem } from "./outbox.entity.ts";

export { beforeFreeze, flushNudge, nudge, nudgeEvent, nudgeEveryMs } from "./nudge.ts";
export { OutboxItem } from "./outbox.entity.ts";
export { publish } from "./publish.ts";

/** What travels: ids only, no secret and no personal data passes an outbox, the bus, a queue or a log. */
export interface Envelope<D = unknown> {
  readonly id: string;
  readonly type: string;
  readonly version: 1;
  readonly schoolId: string;
  readonly actor: ActorStamp;
  readonly occurredAt: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly data: D;
}

export interface EventDefinition<S extends z.ZodType> {
  /** noun.past_tense, the EventBridge detail-type. */
  readonly type: string;
  readonly schema: S;
  /** Writes the outbox row in the open transaction; the relay publishes it after the commit. */
  readonly emit: (data: z.input<S>) => Promise<void>;
  /** The outbox item of an event born in DynamoDB, to be put in the same TransactWriteItems as what it tells. */
  readonly item: (data: z.input<S>, id?: string) => ReturnType<typeof toItem>;
}

/** The `source` of everything Lectern publishes is `lectern.<noun>`. */
export const sourceOf = (type: string): string => `lectern.${type.slice(0, type.indexOf("."))}`;

export function defineEvent<S extends z.ZodType>(type: string, schema: S): EventDefinition<S> {
  return {
    type,
    schema,
    emit: async (data) => {
      const event = envelope(type, schema.parse(data));
      await Db.use(async (tx) => {
        await tx.execute(sql`select bus.emit(${event.id}, ${type}, ${JSON.stringify(event)}::jsonb)`);
        Db.afterCommit(nudge);
      });
    },
    item: (data, id) => toItem(envelope(type, schema.parse(data), id)),
  };
}

/** An event of now, caused by the actor. */
export function envelope<D>(type: string, data: D, id: string = createId("event")): Envelope<D> {
  const actor = useActor();
  return {
    id,
    type,
    version: 1,
    schoolId: actor.school.schoolId,
    actor: stamp(actor),
    occurredAt: new Date().toISOString(),
    correlationId: actor.correlationId ?? actor.requestId,
    causationId: actor.causationId ?? null,
    data,
  };
}

const toItem = (event: Envelope) =>
  OutboxItem().put({
    schoolId: event.schoolId,
    eventId: event.id,
    type: event.type,
    envelope: JSON.stringify(event),
    shard: shardOf(event.schoolId),
  });

/** The sparse index has a few partitions and the relay reads them all. A school's events are in one, in order of their ids. */
export const outboxShards = ["0", "1", "2", "3"] as const;
const shardOf = (schoolId: string): string =>
  outboxShards[schoolId.charCodeAt(schoolId.length - 1) % outboxShards.length] ?? "0";

export * as Event from "./index.ts";
