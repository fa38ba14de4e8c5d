import { CellItem } from "@lectern/core/kernel/directory";
import { sql } from "drizzle-orm";
import * as Catalog from "../catalog/index.ts";
import { latestVersion } from "../migration/files.ts";
import * as Provision from "../provision/index.ts";

export interface Claimed {
  readonly schoolId: string;
  readonly schema: string;
  readonly epoch: number;
}

/**
 * Claims a warm school for this opening; repeated calls return the same one. Concurrent openings get different schools
 * without waiting. If the pool is empty, it creates one.
 */
export async function claim(cellId: string, openingId: string): Promise<Claimed> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const claimed = await take(cellId, openingId);
    if (claimed) return claimed;
    await Provision.one(cellId);
  }
  throw new Error(`cell ${cellId} has no ready school, although some were made`);
}

async function take(cellId: string, openingId: string): Promise<Claimed | undefined> {
  return Catalog.use(cellId, async (tx) => {
    const rows = await tx.execute<{ id: string; schema_name: string; epoch: number }>(sql`
      with mine as (
        select id, schema_name, epoch from catalog.school where opening_id = ${openingId}
      ), taken as (
        update catalog.school set state = 'opening', opening_id = ${openingId}, claimed_at = now()
        where not exists (select from mine) and id = (
          select id from catalog.school where state = 'warm' and version = ${latestVersion()}
          order by created_at limit 1 for update skip locked)
        returning id, schema_name, epoch
      )
      select * from mine union all select * from taken`);
    const [row] = rows;
    return row && { schoolId: row.id, schema: row.schema_name, epoch: row.epoch };
  });
}

/** Returns whether the cell has a warm school. */
export async function isAnyWarm(cellId: string): Promise<boolean> {
  const [row] = await Catalog.use(cellId, (tx) =>
    tx.execute(sql`select from catalog.school where state = 'warm' and version = ${latestVersion()} limit 1`),
  );
  return row !== undefined;
}

/** Opens the gate of a claimed school. Idempotent. */
export async function activate(cellId: string, schoolId: string): Promise<void> {
  await Catalog.use(cellId, (tx) =>
    tx.execute(sql`update catalog.school set state = 'active' where id = ${schoolId} and state = 'opening'`),
  );
}

/** Updates the cell's number of schools in the directory. */
export async function countSchools(cellId: string): Promise<void> {
  const [row] = await Catalog.use(cellId, (tx) =>
    tx.execute<{ count: number }>(sql`select count(*)::int as count from catalog.school where state <> 'warm'`),
  );
  await CellItem()
    .patch({ cellId })
    .set({ count: row?.count ?? 0 })
    .go();
}
