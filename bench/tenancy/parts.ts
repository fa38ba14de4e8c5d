import type { Directory } from "@lectern/core/kernel/directory";
import { Secrets } from "@lectern/core/kernel/secret";
import { Cell } from "@lectern/tenants/cell";
import { Migration } from "@lectern/tenants/migration";
import postgres, { type Sql } from "postgres";

export async function theCell(): Promise<Directory.Cell> {
  const [cell] = await Cell.list();
  if (!cell) throw new Error("the local cloud has no cell");
  return cell;
}

/** Returns a plain client of the cell's database for the baselines. */
export const plainClient = (
  cell: Directory.Cell,
  role: "lectern_migrator" | "lectern_provisioner",
  options: { max: number; searchPath?: string } = { max: 1 },
): Sql =>
  postgres({
    ...cell.database,
    username: role,
    password: () =>
      Secrets.get(role === "lectern_migrator" ? "DatabaseMigratorPassword" : "DatabaseProvisionerPassword"),
    max: options.max,
    fetch_types: false,
    onnotice: () => {},
    ...(options.searchPath && { connection: { search_path: options.searchPath } }),
  });

/** Creates a school's tables without role, gate and ledger, granted to the migrator's login. */
export async function makePlainSchema(cell: Directory.Cell, schema: string): Promise<void> {
  const sql = plainClient(cell, "lectern_migrator");
  const text = Migration.migrationFiles("school").map((file) => file.text.replaceAll('"$school"', "lectern_migrator"));
  await sql.unsafe(`set local role lectern_owner; create schema ${schema}; grant usage on schema ${schema} to lectern_migrator;
    set local search_path = ${schema}, ext; ${text.join("\n")}`);
  await sql.end();
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);
export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

export async function timed<T>(work: () => Promise<T>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
