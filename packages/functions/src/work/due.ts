import { Inbox } from "@lectern/core/house/inbox";
import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { DueItem, type DueKind, parkedShard, shardOf, stoppedShard } from "@lectern/core/kernel/due";
import { conditionHolds, mine } from "@lectern/core/kernel/dynamo";
import { isDomainError } from "@lectern/core/kernel/error";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { reached } from "../event/steps.ts";
import { dueKinds } from "./kinds.ts";
import type { DueMessage } from "./message.ts";
import { requeueAfterMs } from "./queue.list.ts";

/** A worker that has begun is given this long, which is more than its function may take. */
const startedForMs = 6 * 60_000;
/** A clock may differ from the dispatcher's by so much. */
const toleranceMs = 60_000;
/** Beginnings after which an item that kills its worker each time is given up. */
const maxStarts = 20;

/**
 * Runs the item of a message once. Does nothing when the item was canceled, rescheduled or done. When another worker
 * holds it, the index redelivers it in case that worker dies.
 * @param isLast The message goes to the dead letters if this attempt fails.
 */
export async function runDue(message: DueMessage, isLast = false, kinds: readonly DueKind[] = dueKinds): Promise<void> {
  const { schoolId, key, dueId } = message;
  const school = await Directory.readSchool(schoolId);
  // The dispatcher deletes what is left of a school that is gone.
  if (!school || school.state === "deleting" || school.state === "opening") return;
  await asSystem(school, message, async () => {
    const { data: item } = await DueItem()
      .get({ ...mine(), key })
      .go({ consistent: true });
    // A handler that set its own key anew and died before its commit is run again.
    if (!item || (item.dueId !== dueId && item.causedBy !== dueId)) return;
    const isOwn = item.dueId === dueId;
    const now = Date.now();
    if (isOwn && school.state === "suspended") return park(message);
    if (isOwn && Date.parse(item.at) > now + toleranceMs) {
      log.error({ schoolId, key, at: item.at }, "a timer was queued before its time: a clock is wrong");
      return put(message, item.at);
    }
    if (isOwn && !(await begin(message, item.starts, now))) return;
    await reached("due: begin");
    try {
      const kind = kinds.find((each) => each.kind === message.kind);
      if (!kind) throw new Error(`there is no kind of timer ${message.kind}`);
      const data = kind.schema.parse(JSON.parse(message.data));
      await Inbox.once("due", { id: dueId }, async () => {
        await kind.run(data, { id: dueId, key, at: new Date(message.at) });
        await reached("due: ran");
      });
    } catch (error) {
      if (isDomainError(error) && error.code === "school.suspended") return park(message);
      await release(message, isLast);
      throw error;
    }
    await reached("due: committed");
    await conditionHolds(
      DueItem()
        .delete({ ...mine(), key })
        .where((each, { eq }) => eq(each.dueId, dueId))
        .go(),
    );
  });
}

const asSystem = <T>(school: Route, { kind, dueId }: DueMessage, work: () => Promise<T>): Promise<T> =>
  Actor.withActor(
    { type: "system", school, reason: `due ${kind}`, requestId: createId("request"), causationId: dueId },
    work,
  );

/** Takes the item, unless another worker has it. */
async function begin({ key, dueId }: DueMessage, starts: number, now: number): Promise<boolean> {
  const { schoolId } = mine();
  const startedUntil = now + startedForMs;
  const isGivenUp = starts >= maxStarts;
  const shard = isGivenUp ? stoppedShard : shardOf(schoolId);
  const held = await conditionHolds(
    DueItem()
      .patch({ schoolId, key })
      .set({ startedUntil, starts: starts + 1, shard, place: new Date(startedUntil).toISOString() })
      .where(
        (each, { eq, lt, notExists }) =>
          `${eq(each.dueId, dueId)} AND (${notExists(each.startedUntil)} OR ${lt(each.startedUntil, now)})`,
      )
      .go(),
  );
  if (held && isGivenUp) throw new Error(`the timer ${key} has ended its worker ${starts} times`);
  return held;
}

/** Back into the time index. */
const put = async ({ key, dueId }: DueMessage, place: string): Promise<void> => {
  const { schoolId } = mine();
  await conditionHolds(
    DueItem()
      .patch({ schoolId, key })
      .set({ shard: shardOf(schoolId), place })
      .remove(["startedUntil"])
      .where((each, { eq }) => eq(each.dueId, dueId))
      .go(),
  );
};

/** After a failure the queue retries; the index is only its safety net. */
async function release(message: DueMessage, isLast: boolean): Promise<void> {
  if (!isLast) return put(message, new Date(Date.now() + requeueAfterMs).toISOString());
  await take(message, stoppedShard);
}

/** Until the school is open again, or gone. */
const park = (message: DueMessage): Promise<void> => take(message, parkedShard);

async function take({ key, dueId }: DueMessage, shard: string): Promise<void> {
  const { schoolId } = mine();
  await conditionHolds(
    DueItem()
      .patch({ schoolId, key })
      .set({ shard, place: schoolId })
      .remove(["startedUntil"])
      .where((each, { eq }) => eq(each.dueId, dueId))
      .go(),
  );
}
