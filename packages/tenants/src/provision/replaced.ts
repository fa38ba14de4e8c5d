import * as Cell from "../cell/index.ts";
import { connect } from "../cell/index.ts";

/** Days that a replaced schema is kept. */
export const keptDays = 7;

/** Returns a sortable timestamp for a replaced schema's name. */
export const stampOf = (at: Date): string => at.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").toLowerCase();

/** Drops replaced schemas past their retention, in every cell. */
export async function dropReplaced(now = new Date()): Promise<string[]> {
  const limit = stampOf(new Date(now.getTime() - keptDays * 24 * 60 * 60_000));
  const dropped: string[] = [];
  for (const cell of await Cell.list()) {
    const sql = connect(cell.database, "lectern_provisioner");
    try {
      const found = await sql<{ name: string }[]>`
        select nspname as name from pg_namespace
        where nspname ~ '^s_[0-9a-hjkmnp-tv-z]{26}_old_[0-9]{8}t[0-9]{6}$' and right(nspname, 15) < ${limit}
        order by nspname`;
      for (const { name } of found)
        await sql.unsafe(
          `set local lock_timeout = '10s'; set local role lectern_owner; drop schema if exists "${name}" cascade`,
        );
      dropped.push(...found.map(({ name }) => name));
    } finally {
      await sql.end();
    }
  }
  return dropped;
}
