import type { Route } from "@lectern/core/kernel/actor";
import { CellItem, Directory } from "@lectern/core/kernel/directory";
import { DueItem, dueShards, parkedShard, shardOf } from "@lectern/core/kernel/due";
import { conditionHolds } from "@lectern/core/kernel/dynamo";
import { log } from "@lectern/core/kernel/log";
import { reached } from "../event/steps.ts";
import { requeueAfterMs } from "./queue.list.ts";
import { sendWork } from "./send.ts";

const page = 500;
/** Items of one school in one run: the others wait for no more than these. */
const perSchool = 1_000;
/** Sent, then marked, at a time: what a run that is killed queues twice. */
const perSend = 80;
/** An item of a school that the directory does not know is old enough to go. */
const strayMs = 60 * 60_000;

type Item = Awaited<ReturnType<typeof readShard>>["data"][number];

export interface Dispatched {
  readonly queued: number;
  readonly parked: number;
  readonly dropped: number;
  /** Parked items that are due again, because their school is open. */
  readonly resumed: number;
}

export interface Options {
  /** The present time, epoch ms. */
  readonly now?: number;
  /** Epoch ms: nothing is begun after it; the next run goes on. */
  readonly until?: number;
}

/**
 * Queues every timer that is due: one message each, in rounds over the schools, so that one with thousands does not hold up
 * one with a single one. Sent before it is marked: a run that is killed sends some twice and loses none.
 */
export async function dispatchDue(options: Options = {}): Promise<Dispatched> {
  const { now = Date.now(), until = Number.POSITIVE_INFINITY } = options;
  const { data: cells } = await CellItem().query.all({}).go({ pages: "all" });
  const tables = [...new Set(cells.map(({ table }) => table))];
  const total = { queued: 0, parked: 0, dropped: 0, resumed: 0 };
  const bySchool = new Map<string, { table: string; items: Item[] }>();
  const outcomes = await Promise.allSettled(
    tables.flatMap((table) => [
      resume(table, until).then((found) => {
        total.resumed += found.resumed;
        total.dropped += found.dropped;
      }),
      ...dueShards.map((shard) => gather(table, shard, new Date(now).toISOString(), until, bySchool)),
    ]),
  );
  const waiting: { table: string; items: Item[] }[] = [];
  for (const [schoolId, { table, items }] of bySchool) {
    const school = await Directory.readSchool(schoolId);
    if (school?.state === "active" && school.table === table) waiting.push({ table, items });
    else if (school?.state === "suspended") total.parked += await park(table, items);
    else total.dropped += await drop(school, table, items, now);
  }
  for (const some of inRounds(waiting)) {
    if (Date.now() >= until) break;
    await sendWork(
      some.map(({ item: { schoolId, key, dueId, kind, data, at } }) => ({
        ...{ type: "due", schoolId, key, dueId, kind, data, at },
      })),
    );
    await reached("due: sent");
    const place = new Date(now + requeueAfterMs).toISOString();
    await Promise.all(some.map(({ table, item }) => move(table, item, shardOf(item.schoolId), place)));
    await reached("due: marked");
    total.queued += some.length;
  }
  const failed = outcomes.filter((each) => each.status === "rejected").map((each): unknown => each.reason);
  if (failed.length > 0) throw new AggregateError(failed, "some timers could not be read");
  if (total.queued + total.parked + total.dropped + total.resumed > 0) log.info(total, "timers");
  return total;
}

const readShard = (table: string, shard: string, until: string, cursor: string | null) =>
  DueItem.asPlatform(table).query.due({ shard }).lte({ place: until }).go({ limit: page, cursor });

/** Everything that is due in a shard, some of each school. Read to its end: a school with many shadows no other. */
async function gather(
  table: string,
  shard: string,
  now: string,
  until: number,
  bySchool: Map<string, { table: string; items: Item[] }>,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const found: Awaited<ReturnType<typeof readShard>> = await readShard(table, shard, now, cursor);
    for (const item of found.data) {
      const known = bySchool.get(item.schoolId) ?? { table, items: [] };
      bySchool.set(item.schoolId, known);
      if (known.table === table && known.items.length < perSchool) known.items.push(item);
    }
    cursor = found.cursor;
  } while (cursor && Date.now() < until);
}

/** The first of every school, then the second of every school, and so on. */
function* inRounds(schools: readonly { table: string; items: readonly Item[] }[]) {
  let some: { table: string; item: Item }[] = [];
  const longest = schools.reduce((most, { items }) => Math.max(most, items.length), 0);
  for (let at = 0; at < longest; at += 1)
    for (const { table, items } of schools) {
      const item = items[at];
      if (!item) continue;
      some.push({ table, item });
      if (some.length < perSend) continue;
      yield some;
      some = [];
    }
  if (some.length > 0) yield some;
}

/** Moves an item in the index, unless it was set anew, begun or done meanwhile. */
const move = (table: string, { schoolId, key, dueId, place: before }: Item, shard: string, place: string) =>
  conditionHolds(
    DueItem.asPlatform(table)
      .patch({ schoolId, key })
      .set({ shard, place })
      .where((item, { eq }) => `${eq(item.dueId, dueId)} AND ${eq(item.place, before)}`)
      .go(),
  );

async function park(table: string, items: readonly Item[]): Promise<number> {
  for (const item of items) await move(table, item, parkedShard, item.schoolId);
  return items.length;
}

/** A school that is removed loses its timers. One that is being opened, or has moved to another table, keeps them. */
async function drop(school: Route | undefined, table: string, items: readonly Item[], now: number): Promise<number> {
  if (school && school.state !== "deleting") return 0;
  const gone = items.filter(({ at }) => school || Date.parse(at) < now - strayMs);
  for (const { schoolId, key } of gone) await DueItem.asPlatform(table).delete({ schoolId, key }).go();
  return gone.length;
}

/** Puts parked timers of schools that are open again back into the time index; of schools that are gone it deletes them. */
async function resume(table: string, until: number): Promise<{ resumed: number; dropped: number }> {
  const total = { resumed: 0, dropped: 0 };
  // From school to school: what is parked for one that stays suspended is not read.
  for (let after = ""; Date.now() < until; ) {
    const { data } = await DueItem.asPlatform(table)
      .query.due({ shard: parkedShard })
      .gt({ place: after })
      .go({ limit: 1 });
    const [first] = data;
    if (!first) return total;
    const { schoolId } = first;
    // Greater than every key of this school, and less than the next school's.
    after = `${schoolId}~`;
    const school = await Directory.readSchool(schoolId);
    const isGone = !school || school.state === "deleting";
    if (!isGone && school.state !== "active") continue;
    let cursor: string | null = null;
    do {
      const parked: Awaited<ReturnType<typeof readParked>> = await readParked(table, schoolId, cursor);
      for (const item of parked.data)
        if (isGone) {
          await DueItem.asPlatform(table).delete({ schoolId, key: item.key }).go();
          total.dropped += 1;
        } else if (await move(table, item, shardOf(schoolId), item.at)) total.resumed += 1;
      cursor = parked.cursor;
    } while (cursor && Date.now() < until);
  }
  return total;
}

const readParked = (table: string, schoolId: string, cursor: string | null) =>
  DueItem.asPlatform(table).query.due({ shard: parkedShard, place: schoolId }).go({ limit: page, cursor });
