import { sql } from "drizzle-orm";
import * as Catalog from "../catalog/index.ts";

// Queue of schools to dump, in the cell's catalog (`catalog.dump`).

/** Leases the next school without a dump of this day. Failed schools come last. */
export async function next(cellId: string, day: string, holdSeconds: number): Promise<string | undefined> {
  return Catalog.use(cellId, async (tx) => {
    const [row] = await tx.execute<{ school_id: string }>(sql`
      with due as (
        select s.id from catalog.school s left join catalog.dump d on d.school_id = s.id
        where s.state in ('active', 'suspended') and coalesce(d.day, '-infinity') < ${day}::date
          and coalesce(d.claimed_until, '-infinity') < now()
        order by d.last_error is not null, d.finished_at nulls first, s.id limit 1
        for update of s skip locked
      )
      insert into catalog.dump as d (school_id, claimed_until)
      select id, now() + make_interval(secs => ${holdSeconds}) from due
      on conflict (school_id) do update set claimed_until = excluded.claimed_until
        where coalesce(d.claimed_until, '-infinity') < now()
      returning school_id`);
    return row?.school_id;
  });
}

/** Records a finished dump. */
export async function done(
  cellId: string,
  schoolId: string,
  found: { day: string; folder: string; bytes: number; ms: number },
): Promise<void> {
  await Catalog.use(cellId, (tx) =>
    tx.execute(sql`
      update catalog.dump set day = ${found.day}::date, folder = ${found.folder}, bytes = ${found.bytes}, ms = ${found.ms},
        finished_at = now(), claimed_until = null, last_error = null where school_id = ${schoolId}`),
  );
}

/** Records a failure; the next run retries. */
export async function failed(cellId: string, schoolId: string, error: string, restSeconds: number): Promise<void> {
  await Catalog.use(cellId, (tx) =>
    tx.execute(sql`
      update catalog.dump set last_error = ${error.slice(0, 1000)},
        claimed_until = now() + make_interval(secs => ${restSeconds}) where school_id = ${schoolId}`),
  );
}

/** Excludes a school from dumps while a restore leaves it half changed. */
export async function hold(cellId: string, schoolId: string): Promise<void> {
  await Catalog.use(cellId, (tx) =>
    tx.execute(sql`
      insert into catalog.dump (school_id, claimed_until) values (${schoolId}, now() + interval '6 hours')
      on conflict (school_id) do update set claimed_until = excluded.claimed_until`),
  );
}

export async function release(cellId: string, schoolId: string): Promise<void> {
  await Catalog.use(cellId, (tx) =>
    tx.execute(sql`update catalog.dump set claimed_until = null where school_id = ${schoolId}`),
  );
}

/** Returns the age of the oldest latest dump in a cell, and the number of schools without a dump of this day. */
export async function standing(cellId: string, day: string): Promise<{ oldestMs: number; left: number }> {
  const [row] = await Catalog.use(cellId, (tx) =>
    tx.execute<{ oldest: string | null; left: number }>(sql`
      select extract(epoch from now() - min(coalesce(d.finished_at, s.claimed_at, s.created_at))) * 1000 as oldest,
        count(*) filter (where coalesce(d.day, '-infinity') < ${day}::date)::int as left
      from catalog.school s left join catalog.dump d on d.school_id = s.id where s.state in ('active', 'suspended')`),
  );
  return { oldestMs: Number(row?.oldest ?? 0), left: row?.left ?? 0 };
}
