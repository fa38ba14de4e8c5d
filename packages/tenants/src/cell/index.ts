import { CellItem, Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import type { Sql } from "postgres";
import { migrationFiles } from "../migration/files.ts";
import { client, connect } from "./connect.ts";
import { databaseSql, rolesSql, tokenSql } from "./roles.ts";

export { connect } from "./connect.ts";

export interface Passwords {
  readonly app: string;
  readonly platform: string;
  readonly migrator: string;
  readonly provisioner: string;
}

/**
 * Creates a cell's database, roles and catalog, or whatever of them is missing, so it can run at every start.
 * @param superuserUrl `postgres://user:password@host:port/database` of the server's administrator
 */
export async function bootstrap(options: {
  superuserUrl: string;
  database: string;
  passwords: Passwords;
  /** Grants IAM sign-in to the two application roles, for cells without a proxy. */
  signsInByToken?: boolean;
}): Promise<void> {
  const url = new URL(options.superuserUrl);
  const server = {
    host: url.hostname,
    port: Number(url.port || 5432),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(options.database)) throw new Error(`not a database name: ${options.database}`);
  const first = client({ ...server, database: decodeURIComponent(url.pathname.slice(1)) || "postgres" });
  try {
    await first.unsafe(rolesSql(options.passwords));
    if (options.signsInByToken) await first.unsafe(tokenSql);
    const [known] = await first`select from pg_database where datname = ${options.database}`;
    if (!known) await createDatabase(first, options.database);
  } finally {
    await first.end();
  }
  const own = client({ ...server, database: options.database });
  try {
    await own.unsafe(databaseSql(options.database));
    await applyCatalog(own);
  } finally {
    await own.end();
  }
}

/** A concurrent start may have created it. */
async function createDatabase(sql: Sql, name: string): Promise<void> {
  await sql.unsafe(`create database "${name}"`).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && (error.code === "42P04" || error.code === "23505"))) throw error;
  });
}

async function applyCatalog(sql: Sql): Promise<void> {
  const applied = await sql.begin(async (tx) => {
    await tx.unsafe("set local role lectern_owner");
    return new Set((await tx`select name from catalog.applied`).map((row) => String(row.name)));
  });
  for (const file of migrationFiles("catalog")) {
    if (applied.has(file.name)) continue;
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(42, 1)`;
      await tx.unsafe("set local role lectern_owner");
      const [done] = await tx`select from catalog.applied where name = ${file.name}`;
      if (done) return;
      await tx.unsafe(file.text);
      await tx`insert into catalog.applied (name) values (${file.name})`;
    });
  }
}

/**
 * Registers a cell in the directory, or updates its addresses. A new cell is open.
 * @param max schools it accepts; at most 2,500
 */
export async function register(options: {
  id: string;
  database: Directory.Cell["database"];
  table: string;
  max: number;
}): Promise<void> {
  const { id: cellId, database, table, max } = options;
  const known = await CellItem().get({ cellId }).go({ consistent: true });
  if (known.data) await CellItem().patch({ cellId }).set({ database, table, max }).go();
  else await CellItem().create({ cellId, database, table, max, state: "open", count: 0 }).go();
  Directory.forgetCell(cellId);
}

/**
 * Opens or drains a cell. Only a draining cell can be removed.
 * @throws cell.unknown
 */
export async function setState(cellId: string, state: Directory.Cell["state"]): Promise<Directory.Cell> {
  const known = await CellItem().get({ cellId }).go({ consistent: true });
  if (!known.data) throw new DomainError("not_found", "cell.unknown", `There is no cell ${cellId}.`);
  await CellItem().patch({ cellId }).set({ state }).go();
  Directory.forgetCell(cellId);
  return Directory.toCell({ ...known.data, state });
}

/** Throws unless the cell is draining, holds no school and has no unpublished event. */
export async function requireEmpty(cell: Directory.Cell): Promise<void> {
  const refuse = (why: string) => new Error(`${cell.id} is not among the stage's cells any more, but ${why}`);
  if (cell.state !== "draining")
    throw refuse(`it is ${cell.state}: put it back, and let it drain first (lectern cell state ${cell.id} draining)`);
  const sql = connect(cell.database, "lectern_migrator");
  try {
    const [left] = await sql.begin(async (tx) => {
      await tx.unsafe("set local role lectern_owner");
      return tx<{ schools: number; events: number }[]>`
        select (select count(*) from catalog.school where state <> 'warm')::int as schools,
          (select count(*) from bus.outbox)::int as events`;
    });
    if (left?.schools) throw refuse(`it holds ${left.schools} schools: put it back, and move them first`);
    if (left?.events)
      throw refuse(`${left.events} events wait in its outbox: put it back until the relay has told them`);
  } finally {
    await sql.end();
  }
}

/** Removes an empty cell from the directory. Throws as `requireEmpty` before any change. */
export async function leave(cell: Directory.Cell): Promise<void> {
  await requireEmpty(cell);
  await CellItem().delete({ cellId: cell.id }).go();
  Directory.forgetCell(cell.id);
}

/** Returns every cell by id. */
export async function list(): Promise<Directory.Cell[]> {
  const { data } = await CellItem().query.all({}).go({ pages: "all" });
  return data.map(Directory.toCell);
}

export * as Cell from "./index.ts";
