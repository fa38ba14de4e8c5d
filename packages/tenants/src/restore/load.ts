import { createHash } from "node:crypto";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { DomainError } from "@lectern/core/kernel/error";
import * as Identity from "@lectern/core/people/identity";
import type { Sql, TransactionSql } from "postgres";
import { type Found, open } from "../backup/find.ts";
import { type DumpedTable, damaged } from "../backup/format.ts";
import { listed } from "../erasure/index.ts";
import { latestVersion, migrationFiles, quoted, textFor } from "../migration/files.ts";
import { schemaOf } from "../provision/index.ts";
import { stampOf } from "../provision/replaced.ts";

// Loads rows into a schema beside the school's own, all or nothing; a short transaction then renames both.

/** Returns a schema name beside the school's: `s_..._new`, `s_..._old_20250331t101500`. */
export const beside = (schema: string, suffix: string): string => `"${quoted(schema).slice(1, -1)}_${suffix}"`;

/** Returns a free name for the replaced schema, stamped with this second or the next free one. */
export async function keptName(tx: TransactionSql, schema: string): Promise<string> {
  for (let at = Date.now(); ; at += 1_000) {
    const suffix = `old_${stampOf(new Date(at))}`;
    const [taken] = await tx`select from pg_namespace where nspname = ${`${schema}_${suffix}`}`;
    if (!taken) return beside(schema, suffix);
  }
}

/** The school to load a dump as: its own id, or another that replaces it everywhere. */
interface As {
  readonly schoolId: string;
}

/**
 * Loads a dump's rows into `<schema>_new` in one transaction: the tables of the dump's version, the rows, the foreign
 * keys, then all later migrations. Does nothing if that schema holds this dump already. Erases again the people who
 * were erased since the dump.
 */
export async function loadRows(sql: Sql, dump: Found, as: As): Promise<void> {
  await loadAll(sql, dump, as);
  await eraseAgain(sql, beside(schemaOf(as.schoolId), "new"), dump);
}

/** Erases everybody on the list. Ids are never reused, so the time of the erasure does not matter. */
async function eraseAgain(sql: Sql, place: string, { manifest }: Found): Promise<void> {
  const erased = await listed(manifest.school.id);
  if (erased.length === 0) return;
  await sql.begin(async (tx) => {
    await tx.unsafe(`set local role lectern_owner; set local search_path = ${place}, ext;`);
    for (const { table, column, of } of Identity.ownRows)
      await tx`delete from ${tx(table)} where ${tx(column)} in (select ${tx(of)} from "user" where id in ${tx(erased)})`;
  });
}

async function loadAll(sql: Sql, dump: Found, { schoolId }: As): Promise<void> {
  const schema = schemaOf(schoolId);
  const place = beside(schema, "new");
  const files = migrationFiles("school");
  const { schemaVersion, tables, school } = dump.manifest;
  if (schemaVersion > latestVersion(files))
    throw new DomainError(
      "conflict",
      "dump.too_new",
      `The dump is of schema version ${schemaVersion}, and this release knows ${latestVersion(files)} only.`,
    );
  if ((await commentOf(sql, `${schema}_new`)) === mark(dump)) return;
  await sql.begin(async (tx) => {
    await tx.unsafe(`set local lock_timeout = '10s'; set local role lectern_owner;
      drop schema if exists ${place} cascade; create schema ${place}; set local search_path = ${place}, ext;`);
    for (const file of files.slice(0, schemaVersion)) await tx.unsafe(textFor(file, schema));
    // Foreign keys are circular, so they are dropped first and added after all rows.
    const references = await tx.unsafe<{ name: string; of: string; definition: string }[]>(
      `select conname as name, relname as of, pg_get_constraintdef(k.oid) as definition
       from pg_constraint k join pg_class c on c.oid = k.conrelid
       where k.connamespace = current_schema()::regnamespace and k.contype = 'f' order by relname, conname`,
    );
    for (const { name, of } of references) await tx.unsafe(`alter table "${of}" drop constraint "${name}"`);
    for (const table of tables) await copyIn(tx, dump.folder, table, { from: school.id, to: schoolId });
    for (const { name, of, definition } of references)
      await tx.unsafe(`alter table "${of}" add constraint "${name}" ${definition}`);
    for (const file of files.slice(schemaVersion)) await tx.unsafe(textFor(file, schema));
    await tx.unsafe(`comment on schema ${place} is '${mark(dump)}'`);
  });
}

/** Returns the comment that marks the dump a schema was made from; it contains only ids and digits. */
export const mark = ({ folder }: Pick<Found, "folder">): string =>
  `restored from ${folder.replaceAll(/[^a-z0-9_/-]/g, "")}`;

export async function commentOf(sql: Sql, schema: string): Promise<string | undefined> {
  const [row] = await sql<{ comment: string | null }[]>`
    select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = ${schema}`;
  return row?.comment ?? undefined;
}

async function copyIn(
  tx: TransactionSql,
  folder: string,
  { table, columns, file, sha256, rows }: DumpedTable,
  rename: Renaming,
): Promise<void> {
  let found = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) found += 1;
      done(null, chunk);
    },
  });
  const source = await opened(folder, { file, sha256 });
  const list = columns.map((column) => `"${column}"`).join(", ");
  const query = tx.unsafe(`copy "${table}" (${list}) from stdin`);
  // postgres.js reports an error at the end of a COPY only to the query, which the stream has already resolved.
  const refused = new Promise<never>((_, reject) => Object.assign(query, { reject }));
  refused.catch(() => {});
  const into = await Promise.race([query.writable(), refused]);
  await Promise.race([pipeline(source, renaming(rename), counting, into), refused]);
  if (found !== rows) throw damaged(file);
}

/** Streams an unpacked file of a dump and verifies its checksum. */
export async function opened(folder: string, of: { file: string; sha256: string }): Promise<Readable> {
  const hash = createHash("sha256");
  const checking = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(hash.digest("hex") === of.sha256 ? null : damaged(of.file));
    },
  });
  const unpacked = createGunzip();
  pipeline(await open(folder, of.file), checking, unpacked).catch((error: unknown) =>
    unpacked.destroy(error instanceof DomainError ? error : Object.assign(damaged(of.file), { cause: error })),
  );
  return unpacked;
}

export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** Replaces one school's id with another's in a stream. Ids have equal length. */
export function renaming({ from, to }: Renaming): Transform {
  let held = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (from === to) return done(null, chunk);
      const text = Buffer.concat([held, chunk]);
      for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + to.length)) text.write(to, at);
      // An id may span two chunks.
      const sure = Math.max(0, text.length - (from.length - 1));
      held = text.subarray(sure);
      done(null, text.subarray(0, sure));
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** Removes the dump's mark, so that a later restore from the same dump loads it again. */
export async function forgetMark(sql: Sql, schoolId: string): Promise<void> {
  await sql.unsafe(`set local role lectern_owner; comment on schema ${quoted(schemaOf(schoolId))} is null`);
}

/**
 * Swaps the loaded schema with the school's own in one transaction with the gate: the version is the latest and the
 * epoch increases. The old schema is renamed out of every role's reach, unless `isEmpty`.
 * @returns the old schema's new name
 */
export async function swap(sql: Sql, schoolId: string, isEmpty = false): Promise<string | undefined> {
  const schema = schemaOf(schoolId);
  const own = quoted(schema);
  return sql.begin(async (tx) => {
    await tx.unsafe("set local lock_timeout = '10s'; set local role lectern_owner;");
    const [there] = await tx`select from pg_namespace where nspname = ${schema}`;
    const kept = await keptName(tx, schema);
    if (there && isEmpty) await tx.unsafe(`drop schema ${own} cascade`);
    else if (there)
      await tx.unsafe(`alter schema ${own} rename to ${kept}; revoke usage on schema ${kept} from ${own};`);
    await tx.unsafe(`alter schema ${beside(schema, "new")} rename to ${own}; grant usage on schema ${own} to ${own};`);
    await tx`update catalog.school set version = ${latestVersion()}, last_error = null, epoch = epoch + 1
      where id = ${schoolId}`;
    await tx`insert into catalog.ledger (school_id, version)
      select ${schoolId}, n from generate_series(1, ${latestVersion()}::int) n on conflict do nothing`;
    return there && !isEmpty ? kept.slice(1, -1) : undefined;
  });
}
