import { setTimeout as sleep } from "node:timers/promises";
import { BatchGetCommand } from "@aws-sdk/lib-dynamodb";
import type { Entity, ResponseItem, Schema } from "electrodb";
import { useSchool } from "../actor/index.ts";
import { Aws } from "../aws/index.ts";
import { DomainError } from "../error/index.ts";

type Item = Record<string, unknown>;

interface Batch {
  readonly table: string;
  readonly reads: Map<string, { readonly key: Item; readonly waiting: PromiseWithResolvers<Item | undefined> }>;
  timer: NodeJS.Timeout | undefined;
}

/** A patient read waits this long for company. */
const patienceMs = 4;
/** BatchGetItem takes so many keys. */
const perBatch = 100;
const maxAttempts = 6;

/** Reads that have not left yet, by school: a batch never holds two schools' keys. */
const batches = new Map<string, Batch>();

/**
 * Reads one item by its key, consistently; null when it is missing. A request costs a page more than its SQL, so
 * concurrent reads of one school share a BatchGetItem. A patient read, such as the bell's number, leaves with the next
 * prompt one, or alone after 4 ms.
 */
export async function readItem<A extends string, F extends string, C extends string, S extends Schema<A, F, C>>(
  entity: Entity<A, F, C, S>,
  get: { params(): unknown },
  { patient = false } = {},
): Promise<ResponseItem<A, F, C, S> | null> {
  const { TableName, Key } = get.params() as { TableName: string; Key: Item };
  const name = `${useSchool().schoolId}|${TableName}`;
  let batch = batches.get(name);
  if (!batch) {
    batch = { table: TableName, reads: new Map(), timer: undefined };
    batches.set(name, batch);
    if (patient) batch.timer = setTimeout(leave, patienceMs, name, batch);
    else setImmediate(leave, name, batch);
  } else if (!patient && batch.timer) {
    clearTimeout(batch.timer);
    batch.timer = undefined;
    setImmediate(leave, name, batch);
  }
  const id = idOf(Key);
  let read = batch.reads.get(id);
  if (!read) {
    read = { key: Key, waiting: Promise.withResolvers() };
    batch.reads.set(id, read);
  }
  const item = await read.waiting.promise;
  // parse answers the same attributes under a mapped name that TypeScript does not compare.
  return item ? (entity.parse({ Item: item }).data as ResponseItem<A, F, C, S> | null) : null;
}

const idOf = ({ pk, sk }: Item): string => JSON.stringify([pk, sk]);

function leave(name: string, batch: Batch): void {
  batches.delete(name);
  const reads = [...batch.reads.values()];
  for (let at = 0; at < reads.length; at += perBatch) {
    const some = reads.slice(at, at + perBatch);
    fetchAll(
      batch.table,
      some.map(({ key }) => key),
    ).then(
      (items) => {
        for (const { key, waiting } of some) waiting.resolve(items.get(idOf(key)));
      },
      (error: unknown) => {
        for (const { waiting } of some) waiting.reject(error);
      },
    );
  }
}

async function fetchAll(table: string, wanted: Item[]): Promise<Map<string, Item>> {
  const found = new Map<string, Item>();
  let keys = wanted;
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const { Responses, UnprocessedKeys } = await Aws.schoolDynamodb().send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
    );
    for (const item of Responses?.[table] ?? []) found.set(idOf(item), item);
    keys = UnprocessedKeys?.[table]?.Keys ?? [];
    if (keys.length === 0) return found;
    await sleep(Math.random() * 25 * 2 ** attempt);
  }
  throw new DomainError("unavailable", "progress.busy", "Please try that again in a moment.", undefined, 1);
}
