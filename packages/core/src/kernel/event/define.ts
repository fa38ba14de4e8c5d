import { sql } from "drizzle-orm";
import type { z } from "zod";
import { type ActorStamp, stamp, useActor } from "../actor/index.ts";
import { Db } from "../db/index.ts";
import { createId } from "../id/index.ts";
import { nudge } from "./nudge.ts";
import { OutboxItem } from "./outbox.entity.ts";

/** An event's payload: ids only. No secret or personal data may enter an outbox, the bus, a queue or a log. */
export interface Envelope<D = unknown> {
  readonly id: string;
  readonly type: string;
  /** Of the data's form: 1 for the first. */
  readonly version: number;
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
  /** Version that is written now. */
  readonly version: number;
  readonly schema: S;
  /** Upgrades an event's data to the current version. Throws for a version of the future. */
  readonly read: (event: Pick<Envelope, "version" | "data">) => z.output<S>;
  /** Writes the outbox row in the open transaction; the relay publishes it after the commit. */
  readonly emit: (data: z.input<S>) => Promise<void>;
  /** Returns the outbox item of an event born in DynamoDB, for the TransactWriteItems of its change. */
  readonly item: (data: z.input<S>, id?: string) => ReturnType<typeof toItem>;
}

/** The `source` of everything Lectern publishes is `lectern.<noun>`. */
export const sourceOf = (type: string): string => `lectern.${type.slice(0, type.indexOf("."))}`;

/** A form that data had before: queues, the archive and its replays still hold events in it. */
export interface Former {
  readonly schema: z.ZodType;
  /** Returns the data in the form of the next version. */
  readonly up: (data: unknown) => unknown;
}

/** The form that an event's data had before a change, and how it becomes the next one. */
export const was = <S extends z.ZodType>(schema: S, up: (data: z.output<S>) => unknown): Former => ({
  schema,
  up: (data) => up(schema.parse(data)),
});

/**
 * Defines a type of event. A breaking change (a field renamed, removed or required) is a new version: pass the earlier
 * schemas, oldest first, and consumers still read only the new one.
 */
export function defineEvent<S extends z.ZodType>(
  type: string,
  schema: S,
  { formerly = [] }: { readonly formerly?: readonly Former[] } = {},
): EventDefinition<S> {
  const version = formerly.length + 1;
  const make = (data: z.input<S>, id?: string) => envelope({ type, version, data: schema.parse(data) }, id);
  return {
    type,
    version,
    schema,
    read: (event) => {
      if (event.version > version) throw new Error(`${type} ${event.version} was written by a later release`);
      return schema.parse(formerly.slice(event.version - 1).reduce((data, { up }) => up(data), event.data));
    },
    emit: async (data) => {
      const event = make(data);
      await Db.use(async (tx) => {
        await tx.execute(sql`select bus.emit(${event.id}, ${type}, ${JSON.stringify(event)}::jsonb)`);
        Db.afterCommit(nudge);
      });
    },
    item: (data, id) => toItem(make(data, id)),
  };
}

/** An event of now, caused by the actor. */
export function envelope<D>(
  { type, version, data }: Pick<Envelope<D>, "type" | "version" | "data">,
  id: string = createId("event"),
): Envelope<D> {
  const actor = useActor();
  return {
    id,
    type,
    version,
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

/** The relay reads all partitions of the sparse index. A school's events are in one, in order of their ids. */
export const outboxShards = ["0", "1", "2", "3"] as const;
const shardOf = (schoolId: string): string =>
  outboxShards[schoolId.charCodeAt(schoolId.length - 1) % outboxShards.length] ?? "0";
