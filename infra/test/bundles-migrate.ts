import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CellItem, Directory } from "@lectern/core/kernel/directory";
import * as postgresServer from "@lectern/local/postgres";
import * as secretsManager from "@lectern/local/secretsmanager";
import { Catalog } from "@lectern/tenants/catalog";
import { Cell } from "@lectern/tenants/cell";
import { Migration } from "@lectern/tenants/migration";
import { Provision } from "@lectern/tenants/provision";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { expect } from "vitest";
import type { Case, Running } from "./bundles-case.ts";
import type { Town } from "./bundles-town.ts";
import { recorded } from "./events/index.ts";

const further = {
  cellId: `deployed-${randomBytes(4).toString("hex")}`,
  database: `lectern_${randomBytes(4).toString("hex")}`,
  password: randomBytes(8).toString("hex"),
};
interface Stage {
  readonly vault: secretsManager.SecretsManager;
  /** The second cell's server. */
  readonly server: postgresServer.Postgres;
  /** Port of the server with the town's cells. */
  readonly townsPort: number;
  readonly provisionerArn: string;
}
let stage: Stage | undefined;
const there = (): Stage => {
  if (!stage) throw new Error("the case has not been prepared");
  return stage;
};

/** The deployment's migration, with two cells on one server each. */
export const migrateCases: Readonly<Record<string, Case>> = {
  Migrate: { prepare: twoCellsToMigrate, run: (_, fn) => migrates(fn) },
};

/** The town's cells, and one more on a new server with an administrator secret and nothing else. */
async function twoCellsToMigrate({ cloud }: Town) {
  const vault = await secretsManager.start();
  const settings = path.join(cloud.resources.LocalCloud.dataDir, "settings.json");
  const { secrets, ports } = JSON.parse(readFileSync(settings, "utf8"));
  const dataDir = mkdtempSync(path.join(tmpdir(), "lectern-second-cell-"));
  const server = await postgresServer.start({ dataDir, password: further.password });
  const login = (username: string, password: string, name = username) =>
    vault.create(name, JSON.stringify({ username, password }), false);
  const provisionerArn = vault.create("provisioner", secrets.provisioner, false);
  stage = { vault, server, townsPort: ports.postgres, provisionerArn };
  const shared = {
    app: login("lectern_app", secrets.app),
    platform: login("lectern_platform", secrets.platform),
    migrator: vault.create("migrator", secrets.migrator, false),
    provisioner: provisionerArn,
  };
  const townsAdmin = login("postgres", secrets.superuser);
  const seedOf = (id: string, at: { port: number; database: string }, table: string, admin: string) => ({
    ...{ id, host: "127.0.0.1", directHost: "127.0.0.1", port: at.port, database: at.database },
    ...{ table, max: 10, signsInByToken: false, secrets: { ...shared, admin } },
  });
  const cells = (await Cell.list()).map(({ id, database, table, max }) => ({
    ...seedOf(id, database, table, townsAdmin),
    max,
  }));
  const anotherAdmin = login("postgres", further.password, "second-postgres");
  cells.push(seedOf(further.cellId, { ...further, port: server.port }, "lectern-local-data-local-1", anotherAdmin));
  const stop = async () => {
    await Promise.all([vault.stop(), server.stop()]);
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { env: { AWS_ENDPOINT_URL_SECRETS_MANAGER: vault.endpoint }, stop, resources: { CellSeed: { cells } } };
}

async function migrates(fn: Running): Promise<void> {
  const target = Migration.latestVersion();
  const open = { ...recorded("deployment"), step: "open" };
  try {
    expect(await fn.invoke(recorded("deployment"))).toMatchObject({ target });
    // Ready, but not in the directory until all code may reach it.
    expect(await Cell.list()).not.toContainEqual(expect.objectContaining({ id: further.cellId }));
    expect(await fn.invoke(open)).toEqual({ opened: [further.cellId] });
    expect(await fn.invoke(open)).toEqual({ opened: [] });
    expect(await Directory.cell(further.cellId)).toMatchObject({
      state: "open",
      database: { database: further.database, port: there().server.port },
    });
    expect(await fn.invoke(recorded("deployment"))).toMatchObject({ target, rings: [] });
    await takesASchool();
    await turnsAPassword(fn);
    // A missing secret must stop the deployment and name the secret.
    await there().vault.stop();
    const { invoke } = await fn.another();
    await expect(invoke(recorded("deployment"))).rejects.toThrow(/ECONNREFUSED/);
  } finally {
    await Catalog.close();
    await CellItem().delete({ cellId: further.cellId }).go();
  }
}

/** The refill code must be able to prepare a school there. */
async function takesASchool(): Promise<void> {
  expect(await Provision.refill({ cell: further.cellId, target: 1 })).toEqual({ made: 1 });
  const [row] = await Catalog.use(further.cellId, (tx) =>
    tx.execute<{ warm: number }>(sql`select count(*)::int as warm from catalog.school where state = 'warm'`),
  );
  expect(row).toEqual({ warm: 1 });
}

/** One call changes a role's password on every cell's server; the old one must fail everywhere. */
async function turnsAPassword({ invoke }: Running): Promise<void> {
  const { vault, server, townsPort, provisionerArn: SecretId } = there();
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new SecretsManagerClient({ endpoint: vault.endpoint, region: "us-east-1", credentials });
  const { SecretString: old = "" } = await client.send(new GetSecretValueCommand({ SecretId }));
  const fresh = randomBytes(16).toString("hex");
  const deployWith = async (SecretString: string) => {
    await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
    await invoke(recorded("deployment"));
  };
  const opens = (password: string) =>
    Promise.all([
      signsIn({ port: townsPort, database: "lectern", password }),
      signsIn({ port: server.port, database: further.database, password }),
    ]);
  expect([await opens(old), await opens(fresh)]).toEqual([
    [true, true],
    [false, false],
  ]);
  await deployWith(fresh);
  expect([await opens(old), await opens(fresh)]).toEqual([
    [false, false],
    [true, true],
  ]);
  await deployWith(old);
  expect(await opens(old)).toEqual([true, true]);
}

async function signsIn(at: { port: number; database: string; password: string }): Promise<boolean> {
  const client = postgres({
    ...{ ...at, host: "127.0.0.1", username: "lectern_provisioner" },
    ...{ max: 1, fetch_types: false, onnotice: () => {} },
  });
  try {
    await client`select 1`;
    return true;
  } catch (error) {
    // Wrong password; other errors prove nothing.
    if (error instanceof Error && Reflect.get(error, "code") === "28P01") return false;
    throw error;
  } finally {
    await client.end();
  }
}
