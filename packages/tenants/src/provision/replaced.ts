import * as Cell from "../cell/index.ts";
import { connect } from "../cell/index.ts";

/** How long the schema that a restore has replaced is kept. */
export const keptDays = 7;

/** The moment as it ends the name of a replaced schema: it sorts. */
export const stampOf = (at: Date): string => at.toISOString().slice(0, 19).replaceAll(/[-:]/g, "").toLowerCase();

/** Drops the schemas that restores have replaced and that were kept long enough, in every cell. */
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
