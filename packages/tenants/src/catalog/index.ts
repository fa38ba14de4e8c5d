import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { createPool, type Pool, passwordOf, type Tx, transact } from "@lectern/core/kernel/postgres";
import { Resource } from "sst";

const pools = new Map<string, { address: string; pool: Pool }>();

/**
 * Runs a transaction in a cell's catalog as lectern_platform: gate rows, runs and outbox, but no school's tables. The
 * search path is empty, so qualify names (`catalog.school`).
 */
export async function use<T>(cellId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return transact(await poolOf(cellId), { waitMs: 10_000, holdMs: 60_000 }, work);
}

async function poolOf(cellId: string): Promise<Pool> {
  const cell = await Directory.cell(cellId);
  if (!cell) throw new DomainError("unavailable", "cell.unknown", `There is no cell ${cellId}.`);
  const { host, port, database } = cell.database;
  const address = `${host}:${port}/${database}`;
  const known = pools.get(cellId);
  if (known?.address === address) return known.pool;
  const pool = createPool({
    ...{ host, port, database, max: process.env.AWS_LAMBDA_FUNCTION_NAME ? 1 : 4 },
    username: "lectern_platform",
    password: passwordOf("lectern_platform", { host, port }),
    isLocal: Resource.App.stage === "local",
  });
  pools.set(cellId, { address, pool });
  if (known) void known.pool.close();
  return pool;
}

/** Ends every connection; the next `use` opens new ones. */
export async function close(): Promise<void> {
  const ending = [...pools.values()];
  pools.clear();
  for (const { pool } of ending) await pool.close();
}

export * as Catalog from "./index.ts";
