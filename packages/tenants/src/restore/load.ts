import { createHash } from "node:crypto";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import * as Identity from "@lectern/core/identity";
import { DomainError } from "@lectern/core/kernel/error";
import type { Sql, TransactionSql } from "postgres";
import { type Found, open } from "../backup/find.ts";
import { type DumpedTable, damaged } from "../backup/format.ts";
import { listed } from "../erasure/index.ts";
import { latestVersion, migrationFiles, quoted, textFor } from "../migration/files.ts";
import { schemaOf } from "../provision/index.ts";
import { stampOf } from "../provision/replaced.ts";

// Rows back into a database. They are loaded into a schema beside the school's own, whole or not at all; then the two
// change names in one short transaction.

/** A schema beside the school's own: `s_..._new`, `s_..._old_20250331t101500`. */
export const beside = (schema: string, suffix: string): string => `"${quoted(schema).slice(1, -1)}_${suffix}"`;

/** What a school's own schema is called from now on: by this second, or by the next one that no other is called by. */
export async function keptName(tx: TransactionSql, schema: string): Promise<string> {
  for (let at = Date.now(); ; at += 1_000) {
    const suffix = `old_${stampOf(new Date(at))}`;
    const [taken] = await tx`select from pg_namespace where nspname = ${`${schema}_${suffix}`}`;
    if (!taken) return beside(schema, suffix);
  }
}

/** The school a dump is loaded as: its own, or another id that takes the place of its own wherever that stands. */
interface As {
  readonly schoolId: string;
}

/**
 * Loads the rows of a dump into `<schema>_new`: the tables as of the dump's version, the rows, the references among them,
 * and then every migration since. One transaction. Does nothing when that schema holds this very dump already. Whoever was
 * erased from the school since the dump is erased from it again.
 */
export async function loadRows(sql: Sql, dump: Found, as: As): Promise<void> {
  await loadAll(sql, dump, as);
  await eraseAgain(sql, beside(schemaOf(as.schoolId), "new"), dump);
}

/** Whenever they were erased: an id is nobody else's, so one on the list is never in a school rightly. */
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
    // Tables refer to each other in circles: the references go, and come back over all rows at once.
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

/** Which dump a schema was made from, as its comment says. Of nothing but ids and digits. */
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
  // The driver tells an error at the end of a COPY to the query only, which its stream has answered for already.
  const refused = new Promise<never>((_, reject) => Object.assign(query, { reject }));
  refused.catch(() => {});
  const into = await Promise.race([query.writable(), refused]);
  await Promise.race([pipeline(source, renaming(rename), counting, into), refused]);
  if (found !== rows) throw damaged(file);
}

/** A file of a dump, unpacked, and compared with its sum once more while it passes. */
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

/** Puts one school's id in the place of another's, wherever it stands. Ids are all of one length. */
export function renaming({ from, to }: Renaming): Transform {
  let held = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (from === to) return done(null, chunk);
      const text = Buffer.concat([held, chunk]);
      for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, at + to.length)) text.write(to, at);
      // An id may begin here and go on in the next piece.
      const sure = Math.max(0, text.length - (from.length - 1));
      held = text.subarray(sure);
      done(null, text.subarray(0, sure));
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** The school goes on from here: restored from the same dump again, it is another restore. */
export async function forgetMark(sql: Sql, schoolId: string): Promise<void> {
  await sql.unsafe(`set local role lectern_owner; comment on schema ${quoted(schemaOf(schoolId))} is null`);
}

/**
 * Puts the loaded schema in the place of the school's own, in one transaction with the gate: its version is the newest and
 * its epoch grows. The one before is kept under another name, where no role reaches it, unless `isEmpty`.
 * @returns the name it is kept under
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
