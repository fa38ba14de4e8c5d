import { createHash } from "node:crypto";
import type { Sql } from "postgres";
import { type MigrationFile, migrationFiles } from "./files.ts";

/**
 * Describes a schema as lines that are equal for all schools: owners, columns, indexes, constraints, grants, and
 * objects that must not exist (functions, triggers, views). `$school` replaces the school's name. Subqueries look up
 * each table (`offset 0` prevents joins): with a thousand schools the catalog has half a million columns, and reading
 * all of them for one schema took longer than migrating a hundred.
 */
const linesSql = `
with schema as (
  select oid, nspname, nspname || '.' as prefix from pg_namespace where nspname = any($1::text[])
), rel as (
  select c.oid, c.relname, c.relkind, c.relacl, c.relowner, s.nspname, s.prefix
  from pg_class c join schema s on s.oid = c.relnamespace
)
select nspname as schema, 'relation ' || relname || ' ' || relkind::text || ' of ' || pg_get_userbyid(relowner) as line
  from rel where relkind not in ('i', 'I')
union all
select r.nspname, 'column ' || r.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || case when a.attnotnull then ' not null' else '' end
    || coalesce(' ' || a.attgenerated::text || a.attidentity::text || ' '
      || (select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d where d.adrelid = a.attrelid and d.adnum = a.attnum), '')
  from rel r cross join lateral (
    select * from pg_attribute where attrelid = r.oid and attnum > 0 and not attisdropped offset 0) a
  where r.relkind in ('r', 'p', 'v', 'm')
union all
select r.nspname, 'index ' || replace(pg_get_indexdef(r.oid), r.prefix, '')
  from rel r where r.relkind in ('i', 'I')
union all
select r.nspname, 'constraint ' || r.relname || ' ' || k.conname || ' ' || replace(pg_get_constraintdef(k.oid), r.prefix, '')
  from rel r cross join lateral (select oid, conname from pg_constraint where conrelid = r.oid offset 0) k
union all
select r.nspname, 'right ' || r.relname || ' ' || x.privilege_type || ' to '
    || case when g.rolname = $2 then '$school' else coalesce(nullif(g.rolname, r.nspname), '$school') end
  from rel r cross join lateral aclexplode(r.relacl) x left join pg_roles g on g.oid = x.grantee
  where g.rolname is distinct from 'lectern_owner'
union all
select s.nspname, 'function ' || p.proname from pg_proc p join schema s on s.oid = p.pronamespace
union all
select r.nspname, 'trigger ' || r.relname || ' ' || t.tgname
  from rel r cross join lateral (
    select tgname from pg_trigger where tgrelid = r.oid and not tgisinternal offset 0) t`;

/** Returns the sorted lines of each schema. `standIn` is a role that is read as the school's. */
export async function linesOf(
  sql: Sql,
  schemas: readonly string[],
  standIn = "",
): Promise<Map<string, readonly string[]>> {
  const rows = await whileSchemasGo(sql, () =>
    sql.unsafe<{ schema: string; line: string }[]>(linesSql, [arrayOf(schemas), standIn]),
  );
  const found = new Map<string, string[]>(schemas.map((schema) => [schema, []]));
  for (const { schema, line } of rows) found.get(schema)?.push(line);
  for (const lines of found.values()) lines.sort();
  return found;
}

/** Returns the md5 of each schema's lines, computed by the server. */
export async function fingerprintsOf(sql: Sql, schemas: readonly string[]): Promise<Map<string, string>> {
  const text = `select schema, md5(string_agg(line, E'\\n' order by line collate "C")) as print from (${linesSql}) as l group by schema`;
  const rows = await whileSchemasGo(sql, () =>
    sql.unsafe<{ schema: string; print: string }[]>(text, [arrayOf(schemas), ""]),
  );
  return new Map(rows.map(({ schema, print }) => [schema, print]));
}

/**
 * Retries when a schema was dropped meanwhile (removal, restore, move): functions that describe an index or a default
 * read the current catalog, not the statement's snapshot, and fail on dropped objects.
 */
async function whileSchemasGo<Rows>(sql: Sql, read: () => Promise<Rows>, left = 10): Promise<Rows> {
  try {
    return await read();
  } catch (error) {
    const isGone = /could not open relation with OID|cache lookup failed/.test(String(error));
    if (!isGone || left === 0) throw error;
    // postgres.js 3.4 resumes at the failed statement's position unless another statement ran.
    await sql.unsafe("select 1");
    return whileSchemasGo(sql, read, left - 1);
  }
}

// No school has this name; the schema exists only in a transaction that is rolled back.
const scratch = "s_scratch";

/**
 * Runs all migrations on a scratch schema and rolls back. Returns the lines a school must have; throws before any
 * school changes if the text fails.
 */
export async function template(
  sql: Sql,
  files: readonly MigrationFile[] = migrationFiles("school"),
): Promise<{ fingerprint: string; lines: readonly string[] }> {
  let found: { fingerprint: string; lines: readonly string[] } | undefined;
  const rollback = new Error("rolled back on purpose");
  await sql
    .begin(async (tx) => {
      await tx.unsafe(
        `set local role lectern_owner; create schema ${scratch}; set local search_path = ${scratch}, ext`,
      );
      for (const file of files) await tx.unsafe(file.text.replaceAll('"$school"', "lectern_school"));
      await tx.unsafe("set local search_path = ''");
      const lines = (await linesOf(tx as unknown as Sql, [scratch], "lectern_school")).get(scratch) ?? [];
      // Same result as `fingerprintsOf`: lines are ASCII, so both sort alike.
      found = { lines, fingerprint: createHash("md5").update(lines.join("\n")).digest("hex") };
      throw rollback;
    })
    .catch((error: unknown) => {
      if (error !== rollback) throw error;
    });
  if (!found) throw new Error("the scratch schema told nothing");
  return found;
}

/** As text, because the client does not know arrays with `fetch_types` off. The names need no quoting. */
const arrayOf = (names: readonly string[]): string => `{${names.join(",")}}`;
