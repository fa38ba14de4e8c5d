import { randomBytes } from "node:crypto";
import { log } from "@lectern/core/kernel/log";
import { Cell } from "@lectern/tenants/cell";
import { Migration, type MigrationFile } from "@lectern/tenants/migration";
import type { z } from "zod";
import { type CellSeed, Login } from "./seed.ts";

/** Summary for the deployment; the catalog has the details (`lectern migrate status`). */
export interface Migrated {
  readonly target: number;
  readonly rings: readonly { name: string; schools: number; done: number; failed: number }[];
  readonly ms: number;
}

type Read = (arn: string) => Promise<string>;

/**
 * Prepares every cell of the stage, removes cells that it no longer has, and migrates every school: roles and
 * passwords, catalogs, directory, canaries, rings. A new additional cell is registered only by `open`. It can be
 * interrupted and run again.
 * @param seeds the stage's cells; the first opens at once, because there must be one
 * @param read returns a secret by its ARN
 * @throws before any school changes, when a cell does not answer, or when a removed cell still holds something of a
 * school
 * @throws when a school fails or differs from its migrations; the deployment stops
 */
export async function migrate(
  seeds: readonly CellSeed[],
  read: Read,
  options: { cell?: string; files?: readonly MigrationFile[] } = {},
): Promise<Migrated> {
  const known = await Cell.list();
  for (const cell of known)
    if (!seeds.some(({ id }) => id === cell.id) && (options.cell === undefined || options.cell === cell.id))
      await Cell.leave(cell);
  for (const [at, seed] of seeds.entries()) {
    await ready(seed, read);
    if (at === 0 || known.some(({ id }) => id === seed.id)) await register(seed);
  }
  const report = await Migration.up(options);
  for (const failure of report.failed) log.error({ ...failure }, "a school could not be migrated");
  for (const drifted of report.drifted) log.error({ ...drifted }, "a school does not look as its migrations make it");
  if (report.state !== "done" || report.remaining > 0 || report.drifted.length > 0)
    throw new Error(
      `migration ${report.runId} to version ${report.target} ended as ${report.state}: ${report.done} schools done, ` +
        `${report.failed.length} failed, ${report.remaining} behind, ${report.drifted.length} drifted`,
    );
  return { target: report.target, rings: report.rings, ms: report.ms };
}

/**
 * Registers new cells as open; existing cells keep the state that an operator set.
 * @returns ids of the new cells
 */
export async function open(seeds: readonly CellSeed[]): Promise<string[]> {
  const known = await Cell.list();
  const fresh = seeds.filter(({ id }) => !known.some((cell) => cell.id === id));
  for (const seed of fresh) await register(seed);
  return fresh.map(({ id }) => id);
}

/** Throws unless the stage can lose these cells. A cell that the directory does not know is already gone. */
export async function mayLeave(ids: readonly string[]): Promise<void> {
  for (const cell of await Cell.list()) if (ids.includes(cell.id)) await Cell.requireEmpty(cell);
}

const register = ({ id, host, directHost, port, database, table, max }: CellSeed): Promise<void> =>
  Cell.register({ id, database: { host, directHost, port, database }, table, max });

/** Creates roles with the secrets' current passwords and the catalog, as the server's administrator. */
async function ready({ secrets, ...cell }: CellSeed, read: Read): Promise<void> {
  const login = async (arn: string): Promise<z.output<typeof Login>> => Login.parse(JSON.parse(await read(arn)));
  const passwordOf = async (arn: string | undefined) =>
    // Never used for sign-in: the role signs in by token.
    arn === undefined ? randomBytes(32).toString("base64url") : (await login(arn)).password;
  const [admin, app, platform, migrator, provisioner] = await Promise.all([
    login(secrets.admin),
    passwordOf(secrets.app),
    passwordOf(secrets.platform),
    read(secrets.migrator),
    read(secrets.provisioner),
  ]);
  const { directHost, port, database, signsInByToken } = cell;
  await Cell.bootstrap({
    superuserUrl: `postgres://${encodeURIComponent(admin.username)}:${encodeURIComponent(admin.password)}@${directHost}:${port}/postgres`,
    database,
    passwords: { app, platform, migrator, provisioner },
    signsInByToken,
  });
}
