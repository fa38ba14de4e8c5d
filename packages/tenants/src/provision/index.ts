import { Directory } from "@lectern/core/kernel/directory";
import { createId, idBody } from "@lectern/core/kernel/id";
import { translate } from "@lectern/core/kernel/postgres";
import type { Sql } from "postgres";
import * as Cell from "../cell/index.ts";
import { connect } from "../cell/index.ts";
import { latestVersion, type MigrationFile, migrationFiles, quoted, textFor } from "../migration/files.ts";

/** Warm schools per open cell. */
export const warmTarget = 50;
// In batches: each commit that grants a role to lectern_app costs every backend a few milliseconds.
const batchSize = 10;

/**
 * Creates warm schools in every open cell until each has `target` at the latest version. Each batch is one transaction,
 * so an interrupted run leaves only complete schools. If another run is active, this one does nothing.
 * @returns number of schools created
 */
export async function refill(
  options: { target?: number; cell?: string; onProgress?: (made: number) => void } = {},
): Promise<{ made: number }> {
  const target = options.target ?? warmTarget;
  let made = 0;
  for (const cell of await Cell.list()) {
    if (cell.state !== "open" || (options.cell && options.cell !== cell.id)) continue;
    const sql = connect(cell.database, "lectern_provisioner");
    try {
      for (;;) {
        const batch = await makeBatch(sql, target, cell.max);
        made += batch;
        options.onProgress?.(made);
        if (batch === 0) break;
      }
    } catch (error) {
      throw translate(error);
    } finally {
      await sql.end();
    }
  }
  return { made };
}

/** Creates one warm school, for an opening that finds none. */
export async function one(cellId: string): Promise<void> {
  const cell = await Directory.cell(cellId);
  if (!cell) throw new Error(`there is no cell ${cellId}`);
  const sql = connect(cell.database, "lectern_provisioner");
  try {
    await sql.unsafe(schoolsSql([createId("school")]));
  } catch (error) {
    throw translate(error);
  } finally {
    await sql.end();
  }
}

async function makeBatch(sql: Sql, target: number, max: number): Promise<number> {
  const version = latestVersion();
  return sql.begin(async (tx) => {
    const [lock] = await tx`select pg_try_advisory_xact_lock(42, 2) as mine`;
    if (!lock?.mine) return 0;
    const [counts] = await tx<{ warm: number; all: number }[]>`
      select count(*) filter (where state = 'warm' and version = ${version})::int as warm, count(*)::int as all
      from catalog.school`;
    const missing = Math.min(target - (counts?.warm ?? 0), max - (counts?.all ?? 0), batchSize);
    if (missing <= 0) return 0;
    await tx.unsafe(schoolsSql(Array.from({ length: missing }, () => createId("school"))));
    return missing;
  });
}

/**
 * Returns SQL that creates these schools in one transaction: role, schema, tables, grants, gate row and ledger. Grants
 * name the tables, because ON ALL TABLES IN SCHEMA scans the whole catalog.
 */
export function schoolsSql(ids: readonly string[], files: readonly MigrationFile[] = migrationFiles("school")): string {
  const version = latestVersion(files);
  const schemas = ids.map((id) => ({ id, schema: schemaOf(id), role: quoted(schemaOf(id)) }));
  const roles = schemas.map(
    ({ role }) => `create role ${role} nologin;
grant ${role} to lectern_app with inherit false, set true, admin false;
grant lectern_school to ${role} with inherit true, set false, admin false;`,
  );
  const made = schemas.map(
    ({ schema, role }) => `create schema ${role};
grant usage on schema ${role} to ${role};
set local search_path = ${role}, ext;
${files.map((file) => textFor(file, schema)).join("\n")}`,
  );
  const gates = schemas.map(({ id, schema }) => `('${id}', '${schema}', 'warm', ${version})`);
  const steps = schemas.flatMap(({ id }) => files.map((file) => `('${id}', ${file.version})`));
  return `${roles.join("\n")}
set local role lectern_owner;
${made.join("\n")}
set local role none;
set local search_path = '';
insert into catalog.school (id, schema_name, state, version) values ${gates.join(", ")};
insert into catalog.ledger (school_id, version) values ${steps.join(", ")};`;
}

/** Returns a school's schema and role, derived from its id because its slug can be reused. */
export const schemaOf = (schoolId: string): string => `s_${idBody(schoolId)}`;

export * as Provision from "./index.ts";
export { dropReplaced } from "./replaced.ts";
