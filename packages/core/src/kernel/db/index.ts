import { AsyncLocalStorage } from "node:async_hooks";
import { sql } from "drizzle-orm";
import type { Sql } from "postgres";
import { Resource } from "sst";
import { type Route, useSchool } from "../actor/index.ts";
import { Directory } from "../directory/index.ts";
import { DomainError } from "../error/index.ts";
import { onLoading } from "../lazy/index.ts";
import { log } from "../log/index.ts";
import {
  type CopyOut,
  codeOf,
  createPool,
  isUniqueViolation as isUnique,
  type Pool,
  passwordOf,
  type Tx as Transaction,
  transact,
  withCause,
} from "../postgres/index.ts";

/** drizzle's transaction, bound to one school: `tx.select().from(courseTable)` reads that school's table. */
export type Tx = Transaction;

export interface UseOptions {
  /** A job's statements may take 60 s, a web request's 5 s. */
  readonly kind?: "web" | "job";
}

interface Open {
  readonly tx: Tx;
  readonly schoolId: string;
  readonly after: (() => void)[];
  isOpen: boolean;
}

const opened = new AsyncLocalStorage<Open>();
const counter = new AsyncLocalStorage<{ count: number }>();

// Loading a module inside a transaction holds its locks for seconds on a cold machine. It fails a test; a deployed
// stage continues.
onLoading(() => {
  if (!opened.getStore()?.isOpen) return;
  const error = new Error("a module is loaded inside a transaction: load it before Db.use");
  if (Resource.App.stage === "local") throw error;
  log.error({ err: error }, "slow transaction");
});

const limits = {
  web: { waitMs: 5_000, holdMs: 30_000 },
  job: { waitMs: 30_000, holdMs: 15 * 60_000 },
  dump: { waitMs: 30_000, holdMs: 15 * 60_000 },
} as const;
type Kind = keyof typeof limits;

/**
 * Runs work on the school's tables; no other code reaches them. Joins the open transaction, or opens one bound to the
 * actor's school: `begin`, `catalog.enter` (sets role, search path and timeouts until the commit) and the first
 * statement are sent together. Rolls back when it throws, never runs the work twice. Nothing slow, such as mail or
 * HTTP, belongs inside.
 * @throws suspended, not_found when the school is closed
 * @throws unavailable when the database is unavailable, too busy or too slow, or the actor's route is out of date
 */
export async function use<T>(work: (tx: Tx) => Promise<T>, options?: UseOptions): Promise<T> {
  const school = useSchool();
  const outer = opened.getStore();
  if (outer?.isOpen) {
    if (outer.schoolId !== school.schoolId)
      throw new Error("one transaction cannot serve two schools: leave Db.use before changing the actor");
    return work(outer.tx);
  }
  return run(school, options?.kind ?? "web", work);
}

/** What a dump reads: one picture of the school, however long it takes. */
export interface Snapshot {
  readonly tx: Tx;
  readonly copyOut: CopyOut;
}

/**
 * As `use`, for reading a whole school: one read-only snapshot, statements of up to 15 minutes, suspended schools
 * included.
 */
export async function snapshot<T>(work: (school: Snapshot) => Promise<T>): Promise<T> {
  if (opened.getStore()?.isOpen) throw new Error("a snapshot is a transaction of its own: leave Db.use before it");
  return run(useSchool(), "dump", (tx, copyOut) => work({ tx, copyOut }));
}

async function run<T>(school: Route, kind: Kind, work: (tx: Tx, copyOut: CopyOut) => Promise<T>): Promise<T> {
  const pool = await poolOf(school.cell);
  const count = counter.getStore();
  const after: (() => void)[] = [];
  let open: Open | undefined;
  try {
    const result = await transact(
      pool,
      {
        ...limits[kind],
        isSnapshot: kind === "dump",
        enter: (client) => enter(client, school, kind),
        ...(count && {
          onStatement: () => {
            count.count++;
          },
        }),
      },
      (tx, copyOut) => {
        open = { tx, schoolId: school.schoolId, after, isOpen: true };
        return opened.run(open, () => work(tx, copyOut));
      },
    );
    open = shut(open);
    for (const nudge of after) nudge();
    return result;
  } catch (error) {
    throw refused(error, school);
  } finally {
    shut(open);
  }
}

function shut(open: Open | undefined): undefined {
  if (open) open.isOpen = false;
}

// Named, so after its first use on a connection it is one message without a round trip.
const enter = (client: Sql, school: Route, kind: Kind): Promise<unknown> =>
  client`select catalog.enter(${school.schema}, ${school.epoch}, ${kind})`.execute();

/** The gate's own refusals (see `catalog.enter`). */
function refused(error: unknown, school: Route): unknown {
  switch (codeOf(error)) {
    case "LS404":
      Directory.forget(school.schoolId);
      return withCause(Directory.notFound(), error);
    case "LS503":
      Directory.forget(school.schoolId);
      return withCause(Directory.suspended(), error);
    case "LS409":
      Directory.forget(school.schoolId);
      return withCause(
        new DomainError("unavailable", "school.moved", "Please try again in a moment.", undefined, 1),
        error,
      );
    // Postgres stores no NUL, in text or in JSON. Most parsers accept it, and only they know the field.
    case "22021":
    case "22P05":
      return withCause(
        new DomainError("invalid", "input.invalid", "The text holds characters that cannot be kept."),
        error,
      );
    default:
      return error;
  }
}

/** Runs `fn` after the commit; drops it on rollback. Only for nudges (a relay, a cache). */
export function afterCommit(fn: () => void): void {
  const open = opened.getStore();
  if (open?.isOpen) open.after.push(fn);
  else fn();
}

/** Counts the statements of everything inside `work`: see `queryCount`. */
export const counted = <T>(work: () => T): T => counter.run({ count: 0 }, work);

/** Statements sent by the surrounding `counted` work so far, without begin, enter and commit. 0 outside of one. */
export const queryCount = (): number => counter.getStore()?.count ?? 0;

/** Is it a violated unique constraint (`name`, where given)? The transaction can then only be refused. */
export const isUniqueViolation = isUnique;

let max = Number(process.env.LECTERN_DB_CONNECTIONS) || (process.env.AWS_LAMBDA_FUNCTION_NAME ? 1 : 10);
let wrap: ((client: Sql) => Sql) | undefined;
const pools = new Map<string, { address: string; pool: Pool }>();

/** Sets the connections per cell (default 10, in a Lambda 1), before the first use. `wrap` lets tests plant a fault. */
export function configure(options: { readonly max?: number; readonly wrap?: (client: Sql) => Sql }): void {
  max = options.max ?? max;
  wrap = options.wrap;
}

/** Pings a cell's database for health checks; throws when it does not answer within `waitMs`. */
export async function ping(cellId: string, waitMs: number): Promise<void> {
  await transact(await poolOf(cellId), { waitMs, holdMs: waitMs }, (tx) => tx.execute(sql`select 1`));
}

/** Ends every connection. The next `use` opens new ones. */
export async function close(): Promise<void> {
  const ending = [...pools.values()];
  pools.clear();
  for (const { pool } of ending) await pool.close();
}

async function poolOf(cellId: string): Promise<Pool> {
  const cell = await Directory.cell(cellId);
  if (!cell) throw new DomainError("unavailable", "cell.unknown", "Please try again in a moment.", undefined, 5);
  const { host, port, database } = cell.database;
  const address = `${host}:${port}/${database}`;
  const known = pools.get(cellId);
  if (known?.address === address) return known.pool;
  const pool = createPool({
    ...{ host, port, database, max },
    username: "lectern_app",
    password: passwordOf("lectern_app", { host, port }),
    isLocal: Resource.App.stage === "local",
    ...(wrap && { wrap }),
  });
  pools.set(cellId, { address, pool });
  // The cell's database has moved: who is in a transaction there finishes it.
  if (known) void known.pool.close();
  return pool;
}

export * as Db from "./index.ts";
