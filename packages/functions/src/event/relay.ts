import { PutEventsCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { Aws } from "@lectern/core/kernel/aws";
import { CellItem } from "@lectern/core/kernel/directory";
import { OutboxItem, outboxShards, sourceOf } from "@lectern/core/kernel/event";
import { log } from "@lectern/core/kernel/log";
import { Metric } from "@lectern/core/kernel/metric";
import * as Catalog from "@lectern/tenants/catalog";
import { sql } from "drizzle-orm";
import { Resource } from "sst";
import { reached } from "./steps.ts";

// Takes events out of the outboxes and publishes them: those born in Postgres from `bus.outbox` of each cell, those born
// in DynamoDB from the sparse index of each cell's table. An event leaves its outbox only after EventBridge has accepted
// it, so a crash at any point repeats events and never loses one. The order is not promised.

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

let running: Promise<number> | undefined;
let isWantedAgain = false;

/**
 * Publishes everything there is and answers how many events were accepted. Called while it runs, it runs once more and
 * both callers wait for that.
 */
export function drain(): Promise<number> {
  if (running) {
    isWantedAgain = true;
    return running;
  }
  running = (async () => {
    let published = 0;
    do {
      isWantedAgain = false;
      published += (await drainCells()).published;
    } while (isWantedAgain);
    return published;
  })().finally(() => {
    running = undefined;
  });
  return running;
}

/** Scheduled every minute; a nudge after a commit is only faster. */
export const handler = async (): Promise<void> => {
  await drain();
};

/** One cell's trouble holds up no other: what failed is thrown after all have been drained. */
async function drainCells(): Promise<Drained> {
  const { data: cells } = await CellItem().query.all({}).go({ pages: "all" });
  const outcomes = await Promise.allSettled([
    ...cells.map((cell) => drainPostgres(cell.cellId)),
    ...[...new Set(cells.map((cell) => cell.table))].flatMap((table) =>
      outboxShards.map((shard) => drainDynamo(table, shard)),
    ),
  ]);
  const failed = outcomes.filter((each) => each.status === "rejected").map((each): unknown => each.reason);
  if (failed.length > 0) throw new AggregateError(failed, "some outboxes could not be drained");
  const total = sum(outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
  if (total.refused > 0) log.warn(total, "events not accepted by the bus stay in their outboxes");
  return total;
}

async function drainPostgres(cellId: string): Promise<Drained> {
  let total: Drained = { published: 0, refused: 0 };
  for (;;) {
    const taken = await Catalog.use(cellId, async (tx) => {
      // A row that was refused comes again after 2, 4, 8, ... seconds and behind the fresh ones, so it blocks nobody.
      const rows = await tx.execute<{ id: string; type: string; envelope: string }>(sql`
        select id, type, envelope::text as envelope from bus.outbox
        where attempts = 0 or created_at + make_interval(secs => power(2, least(attempts, 16))) < now()
        order by attempts, id limit ${page} for update skip locked`);
      if (rows.length === 0) return { published: 0, refused: 0, seen: 0 };
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

async function drainDynamo(table: string, shard: string): Promise<Drained> {
  let total: Drained = { published: 0, refused: 0 };
  let cursor: string | null = null;
  do {
    const { data, cursor: next }: Awaited<ReturnType<typeof readShard>> = await readShard(table, shard, cursor);
    const accepted = await publish(data.map(({ eventId, type, envelope }) => ({ id: eventId, type, envelope })));
    await reached("relay: published");
    const done = data.filter((each) => accepted.has(each.eventId));
    await Promise.all(
      done.map(({ schoolId, eventId }) => OutboxItem.asPlatform(table).delete({ schoolId, eventId }).go()),
    );
    total = sum([total, { published: done.length, refused: data.length - done.length }]);
    // Page by page to the end, not again from the start: one that is never accepted blocks nobody.
    cursor = next;
  } while (cursor);
  return total;
}

const readShard = (table: string, shard: string, cursor: string | null) =>
  OutboxItem.asPlatform(table).query.unpublished({ shard }).go({ limit: page, cursor });

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
