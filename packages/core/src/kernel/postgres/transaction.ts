import type { Readable } from "node:stream";
import type { ExtractTablesWithRelations } from "drizzle-orm";
import type { PgTransaction } from "drizzle-orm/pg-core";
import { PgDialect } from "drizzle-orm/pg-core";
import { type PostgresJsQueryResultHKT, PostgresJsSession, PostgresJsTransaction } from "drizzle-orm/postgres-js";
import type { Sql, TransactionSql } from "postgres";
import { codeOf, isConnectionLost, translate, withCause } from "./error.ts";
import { type Lease, type Pool, unavailable } from "./pool.ts";

type NoSchema = Record<string, never>;
export type Tx = PgTransaction<PostgresJsQueryResultHKT, NoSchema, ExtractTablesWithRelations<NoSchema>>;

export interface TransactionOptions {
  /** Sent in the same flight as `begin`, before any statement of the work. Its failure is the transaction's. */
  readonly enter?: (client: Sql) => Promise<unknown>;
  readonly onStatement?: () => void;
  /** One picture of everything from the first statement to the last, and nothing is written. */
  readonly isSnapshot?: boolean;
  readonly waitMs: number;
  readonly holdMs: number;
}

/** Streams a table's rows as COPY writes them. Read to the end before the next statement. */
export type CopyOut = (table: string, columns: readonly string[]) => Promise<Readable>;

const dialect = new PgDialect();

/**
 * Runs the work in one transaction on a pooled connection, with `begin`, `enter` and the work's first statement in one
 * round trip. Rolls back when it throws or any statement failed. Never runs the work twice.
 * @throws unavailable when the database is unavailable, busy or too slow
 */
export async function transact<T>(
  pool: Pool,
  options: TransactionOptions,
  work: (tx: Tx, copyOut: CopyOut) => Promise<T>,
): Promise<T> {
  const lease = await pool.acquire(options.waitMs, options.holdMs);
  const door = new Door(lease, options.onStatement);
  const begin = options.isSnapshot ? "begin isolation level repeatable read read only" : "begin";
  const begun = door.send(lease.client.unsafe(begin).execute());
  const entered = options.enter ? door.send(options.enter(lease.client)) : begun;
  try {
    const session = new PostgresJsSession(door.asClient(), dialect, undefined, { logger: door });
    const tx: Tx = new PostgresJsTransaction<NoSchema, ExtractTablesWithRelations<NoSchema>>(
      dialect,
      session as unknown as Session,
      undefined,
    );
    const result = await work(tx, async (table, columns) => {
      const rows = await door.copyOut(table, columns);
      // A partly read result leaves unread rows in the connection, so it cannot be reused.
      return rows.once("close", () => rows.readableEnded || pool.discard(lease));
    });
    // Work that asked nothing of the database must still not pass where the school is closed.
    await entered;
    door.close();
    const done = await lease.client.unsafe("commit");
    if (done.command !== "COMMIT") throw door.failure ?? new Error("the transaction was rolled back by the server");
    return result;
  } catch (error) {
    door.close();
    throw await reason(error, pool, lease, door, begun, entered);
  } finally {
    pool.release(lease);
  }
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Session = ConstructorParameters<typeof PostgresJsTransaction<NoSchema, ExtractTablesWithRelations<NoSchema>>>[1];

/** Rolls back and finds the error to tell: what went wrong first explains what failed after it. */
async function reason(
  error: unknown,
  pool: Pool,
  lease: Lease,
  door: Door,
  begun: Promise<unknown>,
  entered: Promise<unknown>,
): Promise<unknown> {
  if (!lease.lost) {
    // A rollback that fails leaves a connection in doubt; the pool must not lend it again.
    await lease.client.unsafe("rollback").catch(() => pool.discard(lease));
  }
  const first = (await failureOf(begun)) ?? (await failureOf(entered));
  if (lease.lost || isConnectionLost(first) || isConnectionLost(error)) return withCause(unavailable(), first ?? error);
  if (first) return translate(first);
  // 25P02 only says that an earlier statement failed.
  return translate(codeOf(error) === "25P02" ? (door.failure ?? error) : error);
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

/**
 * The connection that drizzle sees. It closes with the transaction, so a forgotten statement cannot run on a connection
 * that meanwhile serves another school.
 */
class Door {
  failure: unknown;
  private isOpen = true;
  private savepoints = 0;

  constructor(
    private readonly lease: Lease,
    private readonly onStatement: (() => void) | undefined,
  ) {}

  logQuery(): void {
    this.onStatement?.();
  }

  close(): void {
    this.isOpen = false;
  }

  /** Remembers the first failure, and keeps an unawaited rejection from ending the process. */
  send<T>(promise: Promise<T>): Promise<T> {
    promise.catch((error: unknown) => {
      this.failure ??= error;
    });
    return promise;
  }

  asClient(): Sql {
    // drizzle's session uses these two of a postgres.js client, and no others.
    const client: Pick<TransactionSql, "unsafe"> & { savepoint: Door["savepoint"] } = {
      unsafe: ((text: string, parameters?: never[], settings?: Parameters<Sql["unsafe"]>[2]) => {
        this.check();
        const query = this.lease.client.unsafe(text, parameters, settings);
        void this.send(query);
        return query;
      }) as Sql["unsafe"],
      savepoint: (work) => this.savepoint(work),
    };
    return client as unknown as Sql;
  }

  /** Names are quoted, so a table may be called what it likes. */
  async copyOut(table: string, columns: readonly string[]): Promise<Readable> {
    this.check();
    const list = columns.map(identifier).join(", ");
    return this.lease.client.unsafe(`copy ${identifier(table)} (${list}) to stdout`).readable();
  }

  private check(): void {
    if (this.lease.lost) throw unavailable();
    if (!this.isOpen) throw new Error("the transaction has ended: await every statement inside Db.use");
  }

  private async savepoint<T>(work: (client: Sql) => Promise<T>): Promise<T> {
    this.check();
    const name = `lectern_${++this.savepoints}`;
    await this.lease.client.unsafe(`savepoint ${name}`);
    const before = this.failure;
    try {
      const result = await work(this.asClient());
      await this.lease.client.unsafe(`release savepoint ${name}`);
      return result;
    } catch (error) {
      if (!this.lease.lost) await this.lease.client.unsafe(`rollback to savepoint ${name}`);
      this.failure = before;
      throw error;
    }
  }
}
