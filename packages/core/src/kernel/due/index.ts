import type { EntityItem } from "electrodb";
import * as z from "zod";
import { useActor, useSchool } from "../actor/index.ts";
import { mine } from "../dynamo/index.ts";
import { DomainError } from "../error/index.ts";
import { createId } from "../id/index.ts";
import { DueItem } from "./due.entity.ts";

export { DueItem } from "./due.entity.ts";

// Timers: what is to be done in a school at a time. An item of the data table waits under a sparse time index; the
// dispatcher (functions/src/work) queues what is due, within about a minute of its time, and a worker runs its kind.

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
 * A kind of timer. `run` works as the system in the item's school, in one transaction that also notes the item's id: what it
 * writes to Postgres and the events it emits happen once, however often the message comes. Slow work belongs to a reaction
 * or a job. It reads the present rows: the item may be late, or out of date. It may set its own key anew.
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
 * Sets a timer of the actor's school. There is one per key: setting it again replaces time, kind and data, and what was
 * queued under the old time does nothing. Keys begin with their noun: `quiz-attempt:qat_...`.
 *
 * It is written at once and does not wait for the open transaction. Set it before the commit (a handler that finds nothing
 * to do ends), or in a reaction to the event.
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
 * Removes a timer of the actor's school, if there is one. Its handler does not begin after this; one that has begun ends. Call
 * it after the commit (`Db.afterCommit`): a timer that is left over finds nothing to do, one that is missing does harm.
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

/** The time index is spread over these partitions by school, so a school with many timers fills one of them. */
export const dueShards = Array.from({ length: 16 }, (_, at) => String(at));
/** Timers that came due while their school was suspended. */
export const parkedShard = "parked";
/** Timers that failed until their message went to the dead letters. They stay, so that a redrive can run them. */
export const stoppedShard = "stopped";

/** Ids are random at their end. */
export const shardOf = (schoolId: string): string =>
  dueShards[
    (schoolId.charCodeAt(schoolId.length - 1) + 7 * schoolId.charCodeAt(schoolId.length - 2)) % dueShards.length
  ] ?? "0";

export * as Due from "./index.ts";
