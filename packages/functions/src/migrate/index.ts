import { randomBytes } from "node:crypto";
import { log } from "@lectern/core/kernel/log";
import { Cell } from "@lectern/tenants/cell";
import { Migration, type MigrationFile } from "@lectern/tenants/migration";
import type { z } from "zod";
import { type CellSeed, Login } from "./seed.ts";

/** What a deployment is told; the whole account lies in the catalog (`lectern migrate status`). */
export interface Migrated {
  readonly target: number;
  readonly rings: readonly { name: string; schools: number; done: number; failed: number }[];
  readonly ms: number;
}

/**
 * Readies the cell of this stage, brings the catalogs of the others along, and every school of every cell to the newest
 * version: roles, catalog, directory, then canaries and rings. Can be cut short anywhere and run again.
 * @param read the text of a secret by its ARN
 * @throws when a school could not be brought along or looks otherwise than its migrations make it: the deployment stops
 */
export async function migrate(
  seed: CellSeed,
  read: (arn: string) => Promise<string>,
  options: { cell?: string; files?: readonly MigrationFile[] } = {},
): Promise<Migrated> {
  const { secrets } = seed;
  const login = async (arn: string): Promise<z.output<typeof Login>> => Login.parse(JSON.parse(await read(arn)));
  const passwordOf = async (arn: string | undefined) =>
    // Nobody ever signs in with it: the role signs in by token.
    arn === undefined ? randomBytes(32).toString("base64url") : (await login(arn)).password;
  const [admin, app, platform, migrator, provisioner] = await Promise.all([
    login(secrets.admin),
    passwordOf(secrets.app),
    passwordOf(secrets.platform),
    read(secrets.migrator),
    read(secrets.provisioner),
  ]);
  const { id, host, directHost, port, database, table, max, signsInByToken } = seed;
  await Cell.bootstrap({
    superuserUrl: `postgres://${encodeURIComponent(admin.username)}:${encodeURIComponent(admin.password)}@${directHost}:${port}/postgres`,
    database,
    passwords: { app, platform, migrator, provisioner },
    signsInByToken,
  });
  await Cell.register({ id, database: { host, directHost, port, database }, table, max });
  // Cells that were added later: their servers have administrators of their own, but their catalogs are ours. One that does
  // not answer stops the deployment before any school is touched.
  for (const cell of await Cell.list())
    if (cell.id !== id && (options.cell === undefined || options.cell === cell.id)) await Cell.bringCatalog(cell);
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
