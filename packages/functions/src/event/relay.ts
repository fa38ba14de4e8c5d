import { setTimeout as sleep } from "node:timers/promises";
import { PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { Aws } from "@lectern/core/kernel/aws";
import type { Tx } from "@lectern/core/kernel/db";
import { CellItem } from "@lectern/core/kernel/directory";
import { nudgeEveryMs, OutboxItem, outboxShards, sourceOf } from "@lectern/core/kernel/event";
import { log } from "@lectern/core/kernel/log";
import { Measure } from "@lectern/core/kernel/measure";
import { Metric } from "@lectern/core/kernel/metric";
import * as Catalog from "@lectern/tenants/catalog";
import { sql } from "drizzle-orm";
import { Resource } from "sst";
import { reached } from "./steps.ts";

// Takes events out of the outboxes and publishes them: those born in Postgres from `bus.outbox` of each cell, those born
// in DynamoDB from the sparse index of each cell's table. An event leaves its outbox only after EventBridge has accepted
// it, so a crash at any point repeats events and never loses one. Relays overlap (the schedule, and a call after each
// commit): a lock on each outbox lets one publish at a time, oldest event first, so they neither repeat nor reorder.

/** An unpublished event: its envelope as JSON text. */
interface Unpublished {
  readonly id: string;
  readonly type: string;
  readonly envelope: string;
}

interface Drained {
  readonly published: number;
  /** Not accepted this time; they stay in the outbox and are tried again. */
  readonly refused: number;
}

const entriesPerCall = 10;
const bytesPerCall = 256 * 1024;
const page = 100;
const nothing: Drained = { published: 0, refused: 0 };

/** Publishes everything there is and returns how many events the bus accepted. */
export const drain = async (): Promise<number> => (await drainCells()).published;

/**
 * Answers a nudge: publishes now, and again after `nudgeEveryMs`, because the caller leaves out further calls for that long
 * and because DynamoDB brings its index up to date after the commit. Throws nothing: a failure is logged and counted, and
 * the schedule, which raises the alarm, tries again.
 */
export async function drainNow(): Promise<void> {
  await Measure.job("nudged relay", async () => {
    const from = performance.now();
    await drain();
    await sleep(Math.max(0, nudgeEveryMs + clockMarginMs - (performance.now() - from)));
    await drain();
  }).catch(() => {});
}

/** Timers and clocks of two processes differ by a few milliseconds. */
const clockMarginMs = 50;

/** One cell's trouble holds up no other: what failed is thrown after all have been drained. */
async function drainCells(): Promise<Drained> {
  const { data: cells } = await CellItem().query.all({}).go({ pages: "all" });
  const byTable = new Map(cells.toReversed().map(({ table, cellId }) => [table, cellId]));
  const outcomes = await Promise.allSettled([
    ...cells.map((cell) => drainPostgres(cell.cellId)),
    ...[...byTable].map(([table, cellId]) => drainDynamo(table, cellId)),
  ]);
  const failed = outcomes.filter((each) => each.status === "rejected").map((each): unknown => each.reason);
  if (failed.length > 0) throw new AggregateError(failed, "some outboxes could not be drained");
  const total = sum(outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
  if (total.refused > 0) log.warn(total, "events not accepted by the bus stay in their outboxes");
  return total;
}

/** Advisory locks of a cell's database. Postgres frees them when the relay's connection ends, however it ends. */
const lockClass = 5; // docs/adr/0005-outbox.md
const locks = { postgres: 1, dynamodb: 2 } as const;

/**
 * Takes the lock of an outbox until the transaction ends, and waits for it if need be. Returns false, without the lock, when
 * another relay waits already: that one will read after now, so it sees every event this one was called for.
 */
async function lock(tx: Tx, outbox: keyof typeof locks): Promise<boolean> {
  const id = locks[outbox];
  const [state] = await tx.execute<{ taken: boolean; waiting: boolean }>(sql`
    select pg_try_advisory_xact_lock(${lockClass}::int, ${id}::int) as taken,
      exists (
        select from pg_locks l join pg_database d on d.oid = l.database
        where d.datname = current_database() and l.locktype = 'advisory' and not l.granted
          and l.classid = ${lockClass} and l.objid = ${id} and l.objsubid = 2
      ) as waiting`);
  if (state?.taken) return true;
  if (state?.waiting) return false;
  await tx.execute(sql`select pg_advisory_xact_lock(${lockClass}::int, ${id}::int)`);
  return true;
}

async function drainPostgres(cellId: string): Promise<Drained> {
  let total = nothing;
  for (;;) {
    const taken = await Catalog.use(cellId, async (tx) => {
      if (!(await lock(tx, "postgres"))) return { ...nothing, seen: 0 };
      // A row that was refused is tried again after 2, 4, 8, ... seconds and behind the fresh ones, so it blocks no other.
      const rows = await tx.execute<{ id: string; type: string; envelope: string }>(sql`
        select id, type, envelope::text as envelope from bus.outbox
        where attempts = 0 or created_at + make_interval(secs => power(2, least(attempts, 16))) < now()
        order by attempts, id limit ${page} for update`);
      if (rows.length === 0) return { ...nothing, seen: 0 };
      const accepted = await publish(rows);
      await reached("relay: published");
      const refused = rows.filter((row) => !accepted.has(row.id)).map((row) => row.id);
      if (accepted.size > 0) await tx.execute(sql`delete from bus.outbox where id = any(${textArray(accepted)})`);
      if (refused.length > 0)
        await tx.execute(sql`update bus.outbox set attempts = attempts + 1 where id = any(${textArray(refused)})`);
      return { published: accepted.size, refused: refused.length, seen: rows.length };
    });
    total = sum([total, taken]);
    if (taken.seen < page) break;
  }
  const [left] = await Catalog.use(cellId, (tx) =>
    tx.execute<{ age: string | null }>(
      sql`select extract(epoch from now() - min(created_at)) * 1000 as age from bus.outbox`,
    ),
  );
  Metric.outbox({ cell: cellId, ageMs: Number(left?.age ?? 0) });
  return total;
}

// Ids hold neither commas nor braces.
const textArray = (ids: Iterable<string>) => sql`${`{${[...ids].join(",")}}`}::text[]`;

/** Drains a cell's table under a lock in the cell's database, which knows when a relay has died; DynamoDB does not. */
async function drainDynamo(table: string, cellId: string): Promise<Drained> {
  let total = nothing;
  let shards: readonly Shard[] = outboxShards.map((shard) => ({ shard, cursor: null }));
  while (shards.length > 0) {
    const taken = await Catalog.use(cellId, async (tx) => {
      if (!(await lock(tx, "dynamodb"))) return { ...nothing, next: [] };
      const pages = await Promise.all(shards.map((each) => readShard(table, each)));
      const events = await stillThere(
        table,
        pages.flatMap(({ data }) => data),
      );
      const accepted = await publish(
        events.map(({ eventId, type, envelope }) => ({ id: eventId, type, envelope })).sort(byId),
      );
      await reached("relay: published");
      const done = events.filter((each) => accepted.has(each.eventId));
      await Promise.all(
        done.map(({ schoolId, eventId }) => OutboxItem.asPlatform(table).delete({ schoolId, eventId }).go()),
      );
      // Page by page to the end, not again from the start: one that is never accepted blocks no other.
      const next = pages.flatMap(({ shard, cursor }) => (cursor ? [{ shard, cursor }] : []));
      return { published: done.length, refused: events.length - done.length, next };
    });
    total = sum([total, taken]);
    shards = taken.next;
  }
  return total;
}

interface Shard {
  readonly shard: string;
  readonly cursor: string | null;
}

async function readShard(table: string, { shard, cursor }: Shard) {
  const found = await OutboxItem.asPlatform(table)
    .query.unpublished({ shard })
    .go({ limit: page / outboxShards.length, cursor });
  return { shard, data: found.data, cursor: found.cursor };
}

type Item = Awaited<ReturnType<typeof readShard>>["data"][number];

/** Without the events that the previous relay has deleted: the index still has them for a moment, the table has not. */
async function stillThere(table: string, items: readonly Item[]): Promise<readonly Item[]> {
  if (items.length === 0) return items;
  await reached("relay: read");
  const keys = items.map(({ schoolId, eventId }) => ({ schoolId, eventId }));
  const { data } = await OutboxItem.asPlatform(table).get(keys).go({ consistent: true });
  return data;
}

const byId = (a: Unpublished, b: Unpublished): number => (a.id < b.id ? -1 : 1);

/** Publishes in calls of at most 10 entries and 256 KB; answers the ids that were accepted, each by its own result. */
async function publish(events: readonly Unpublished[]): Promise<Set<string>> {
  const accepted = new Set<string>();
  for (const chunk of chunks(events)) {
    const { Entries = [] } = await Aws.eventbridge().send(
      new PutEventsCommand({ Entries: chunk.map(({ entry }) => entry) }),
    );
    for (const [i, { event }] of chunk.entries()) {
      const result = Entries[i];
      if (result?.EventId) accepted.add(event.id);
      else log.error({ eventId: event.id, type: event.type, code: result?.ErrorCode }, "event not accepted by the bus");
    }
  }
  return accepted;
}

interface Prepared {
  readonly event: Unpublished;
  readonly entry: PutEventsRequestEntry;
}

function* chunks(events: readonly Unpublished[]): Generator<Prepared[]> {
  let chunk: Prepared[] = [];
  let bytes = 0;
  for (const event of events) {
    const entry = {
      EventBusName: Resource.Bus.name,
      Source: sourceOf(event.type),
      DetailType: event.type,
      Detail: event.envelope,
    };
    const size =
      Buffer.byteLength(entry.Source) + Buffer.byteLength(entry.DetailType) + Buffer.byteLength(entry.Detail);
    if (size > bytesPerCall) {
      // Ids only make a few hundred bytes; whatever this is, it would be refused with all its neighbours.
      log.error({ eventId: event.id, type: event.type, bytes: size }, "event too large for the bus");
      continue;
    }
    if (chunk.length === entriesPerCall || bytes + size > bytesPerCall) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push({ event, entry });
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

const sum = (all: readonly Drained[]): Drained => ({
  published: all.reduce((n, each) => n + each.published, 0),
  refused: all.reduce((n, each) => n + each.refused, 0),
});
