import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { useSchool } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { sql } from "drizzle-orm";
import * as Catalog from "../catalog/index.ts";
import { beforeMark } from "./find.ts";
import { type DumpedTable, dayOf, folderOf, type Manifest, manifestFile, sealed } from "./format.ts";
import { ofPerson } from "./items.ts";
import { type Written, write } from "./shelf.ts";

export interface Dumped {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Size of all files. */
  readonly bytes: number;
  readonly ms: number;
}

/** People whose items are read in parallel. */
const atOnce = 16;

/**
 * Dumps the actor's school into the backups bucket: a snapshot of every table, then the items of its people. It streams
 * everything but the ids of people. An interrupted run leaves files that no manifest lists.
 */
export async function dump(
  options: {
    /** Marks the dump that a restore makes first; it never counts as the school's latest. */
    readonly isBefore?: boolean;
    /** Runs after each file; tests kill the process there. */
    readonly onFile?: (file: string) => void | Promise<void>;
  } = {},
): Promise<Dumped> {
  const begin = performance.now();
  const { schoolId, slug, name, brand, locale, zone } = useSchool();
  const runId = createId("run");
  const now = new Date();
  const folder = folderOf(schoolId, dayOf(now), `${options.isBefore ? beforeMark : ""}${runId}`);
  const put = async (file: string, source: Readable): Promise<Written & { file: string }> => {
    let written: Written | undefined;
    await pipeline(source, createGzip({ level: 5 }), async (compressed: AsyncIterable<Buffer>) => {
      written = await write(`${folder}${file}`, compressed);
    });
    if (!written) throw new Error(`${file} was not written`);
    await options.onFile?.(file);
    return { file, ...written };
  };

  const rows = await rowsOf(put);
  const itemsAt = new Date().toISOString();
  const counted = { people: rows.people.length, items: 0 };
  const items = await put("items.ndjson.gz", Readable.from(lines(rows.people, counted)));
  const manifest: Manifest = {
    format: 1,
    runId,
    release: process.env.LECTERN_RELEASE ?? "dev",
    school: { id: schoolId, slug, name, brand, locale, zone },
    schemaVersion: rows.version,
    rowsAt: rows.at,
    itemsAt,
    tables: rows.tables,
    items: { ...items, ...counted },
  };
  const last = await write(`${folder}${manifestFile}`, Readable.from([Buffer.from(sealed(manifest))]));
  const bytes = [...manifest.tables, manifest.items, last].reduce((all, file) => all + file.bytes, 0);
  const ms = Math.round(performance.now() - begin);
  log.info({ schoolId, folder, bytes, ms }, "school dumped");
  return { folder, manifest, bytes, ms };
}

type Put = (file: string, source: Readable) => Promise<Written & { file: string }>;

/** Dumps the tables and returns the people's ids, from one snapshot. */
async function rowsOf(put: Put) {
  const before = await versionOf();
  return Db.snapshot(async ({ tx, copyOut }) => {
    const found = await tx.execute<{ table: string; columns: string; at: string }>(sql`
      select c.relname as table, string_agg(a.attname, ',' order by a.attnum) as columns,
        to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
      from pg_catalog.pg_class c
      join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
      group by c.relname order by c.relname`);
    const tables = found.map(({ table, columns }) => ({ table, columns: columns.split(",") }));
    // These locks keep migrations out. A migration that took its locks earlier has changed the version, which is read
    // below.
    const names = sql.join(
      tables.map(({ table }) => sql.identifier(table)),
      sql`, `,
    );
    await tx.execute(sql`lock table ${names} in access share mode`);
    const version = await versionOf();
    if (version !== before) throw new Error("a migration came between: the dump is made again");
    const dumped: DumpedTable[] = [];
    for (const { table, columns } of tables) {
      let rows = 0;
      const counting = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          // COPY escapes line breaks in values, so each newline ends a row.
          for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows += 1;
          done(null, chunk);
        },
      });
      const source = await copyOut(table, columns);
      source.on("error", (error) => counting.destroy(error));
      const file = await put(`tables/${table}.copy.gz`, source.pipe(counting));
      dumped.push({ ...file, table, columns, rows });
    }
    const people = await tx.execute<{ id: string }>(sql`select id from "user" order by id`);
    return { version, at: found[0]?.at ?? "", tables: dumped, people: people.map(({ id }) => id) };
  });
}

/** Returns the last migration's number, which the school's role cannot read. */
async function versionOf(): Promise<number> {
  const { cell, schoolId } = useSchool();
  const [row] = await Catalog.use(cell, (tx) =>
    tx.execute<{ version: number }>(sql`select version from catalog.school where id = ${schoolId}`),
  );
  if (!row) throw new Error(`the cell ${cell} does not know ${schoolId}`);
  return row.version;
}

/** Yields the people's items, ordered by person id. */
async function* lines(people: readonly string[], counted: { items: number }): AsyncIterable<string> {
  for (let at = 0; at < people.length; at += atOnce) {
    const some = await Promise.all(people.slice(at, at + atOnce).map(ofPerson));
    for (const item of some.flat()) {
      counted.items += 1;
      yield `${JSON.stringify(item)}\n`;
    }
  }
}
