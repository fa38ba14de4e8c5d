import type { EntityItem } from "electrodb";
import * as z from "zod";
import { useActor, useSchool } from "../actor/index.ts";
import { mine } from "../dynamo/index.ts";
import { DomainError } from "../error/index.ts";
import { createId } from "../id/index.ts";
import { DueItem } from "./due.entity.ts";

export { DueItem } from "./due.entity.ts";

// Timers of a school. An item of the data table waits under a sparse time index; within about a minute of its time the
// dispatcher (functions/src/work) enqueues it, and a worker runs its kind.

/** What a handler knows of its item. */
export interface Due {
  readonly id: string;
  readonly key: string;
  readonly at: Date;
}

export interface DueKind<S extends z.ZodType = z.ZodType> {
  /** noun.verb: "import.check". */
  readonly kind: string;
  readonly schema: S;
  // A method, so that a list of kinds may hold them all.
  run(data: z.output<S>, due: Due): Promise<void>;
}

/**
 * Defines a kind of timer. `run` works as the system in the item's school, in one transaction that also records the
 * item's id, so redelivered messages repeat neither its writes to Postgres nor its events. Slow work belongs to a
 * reaction or a job. Read the current rows: the item may be late or stale. `run` may set its own key again.
 */
export const defineDue = <S extends z.ZodType>(
  kind: string,
  schema: S,
  run: (data: z.output<S>, due: Due) => Promise<void>,
): DueKind<S> => ({ kind, schema, run });

/** ISO times sort as text up to this one. */
const latest = Date.parse("9999-12-31T23:59:59.999Z");
const Key = z
  .string()
  .max(200)
  .regex(/^[a-z][\w:.-]*$/);
const maxData = 4_000;

/**
 * Sets a timer of the actor's school. A key has one timer: setting it again replaces time, kind and data, and a message
 * queued for the old time does nothing. Keys begin with their noun: `quiz-attempt:qat_...`.
 *
 * Written at once, outside the open transaction. Set it before the commit (a handler without work ends), or in a
 * reaction to the event.
 * @throws due.invalid
 */
export async function at<S extends z.ZodType>(
  when: Date,
  kind: DueKind<S>,
  data: z.input<S>,
  key: string,
): Promise<{ readonly id: string }> {
  const time = when.getTime();
  const text = JSON.stringify(kind.schema.parse(data));
  if (!(time >= 0 && time <= latest) || !Key.safeParse(key).success || text.length > maxData)
    throw new DomainError("invalid", "due.invalid", "That time, key or amount of data is not possible.");
  const { causationId } = useActor();
  const id = createId("due");
  const iso = when.toISOString();
  await DueItem()
    .put({
      ...{ ...mine(), key, dueId: id, kind: kind.kind, data: text, at: iso, starts: 0 },
      ...{ shard: shardOf(useSchool().schoolId), place: iso },
      ...(causationId !== undefined && { causedBy: causationId }),
    })
    .go();
  return { id };
}

/**
 * Removes a timer of the actor's school. Its handler cannot start afterward, but a running one finishes. Call it after
 * the commit (`Db.afterCommit`): a leftover timer finds nothing to do, a missing one does harm.
 */
export async function cancel(key: string): Promise<void> {
  await DueItem()
    .delete({ ...mine(), key })
    .go();
}

type Item = EntityItem<ReturnType<typeof DueItem>>;

/** Every timer of the actor's school as it is, for a move to another table. */
export async function all(): Promise<readonly Item[]> {
  const { data } = await DueItem().query.byKey(mine()).go({ pages: "all", consistent: true });
  return data;
}

/** Writes timers of the actor's school as they are. */
export async function putAll(items: readonly Item[]): Promise<void> {
  const { unprocessed } = await DueItem()
    .put([...items])
    .go({ concurrency: 4 });
  if (unprocessed.length > 0)
    throw new DomainError("unavailable", "due.busy", "The table takes no more at the moment.", undefined, 10);
}

/** Schools are spread over these partitions of the time index, so a school with many timers fills one of them. */
export const dueShards = Array.from({ length: 16 }, (_, at) => String(at));
/** Timers that came due while their school was suspended. */
export const parkedShard = "parked";
/** Timers whose message went to the dead letters. They stay for a redrive. */
export const stoppedShard = "stopped";

/** Ids are random at their end. */
export const shardOf = (schoolId: string): string =>
  dueShards[
    (schoolId.charCodeAt(schoolId.length - 1) + 7 * schoolId.charCodeAt(schoolId.length - 2)) % dueShards.length
  ] ?? "0";

export * as Due from "./index.ts";
