import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CellItem, Directory } from "@lectern/core/kernel/directory";
import { Catalog } from "@lectern/tenants/catalog";
import { Migration, type MigrationFile } from "@lectern/tenants/migration";
import { Provision } from "@lectern/tenants/provision";
import postgres, { type Sql } from "postgres";
import { Resource } from "sst";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "./index.ts";
import { CellSeed } from "./seed.ts";

// A server as a deployment finds it: an administrator, and nothing of ours in the database.
const id = `deployed-${randomBytes(4).toString("hex")}`;
const database = `lectern_${randomBytes(4).toString("hex")}`;
let admin: Sql;
let seed: CellSeed;
let read: (arn: string) => Promise<string>;

beforeAll(async () => {
  const dataDir = Resource.LocalCloud?.dataDir ?? "";
  const { secrets, ports } = JSON.parse(readFileSync(join(dataDir, "settings.json"), "utf8"));
  const login = (username: string, password: string) => JSON.stringify({ username, password });
  const texts: Record<string, string> = {
    admin: login("postgres", secrets.superuser),
    app: login("lectern_app", secrets.app),
    platform: login("lectern_platform", secrets.platform),
    migrator: secrets.migrator,
    provisioner: secrets.provisioner,
  };
  read = async (arn) => {
    const text = texts[arn];
    if (text === undefined) throw new Error(`nobody may read ${arn}`);
    return text;
  };
  seed = CellSeed.parse({
    id,
    // A proxy that is not there: whoever migrates goes past it.
    host: "proxy.invalid",
    directHost: "127.0.0.1",
    port: ports.postgres,
    database,
    table: "lectern-local-data-local-1",
    max: 10,
    signsInByToken: false,
    secrets: { admin: "admin", app: "app", platform: "platform", migrator: "migrator", provisioner: "provisioner" },
  });
  admin = postgres({
    ...{ host: "127.0.0.1", port: ports.postgres, username: "postgres", password: secrets.superuser },
    ...{ database: "postgres", max: 1, fetch_types: false, onnotice: () => {} },
  });
  // Full before it exists: no other test may be given a school of it.
  await CellItem()
    .put({
      cellId: id,
      ...{ state: "full", count: 0, max: 1, table: seed.table },
      database: { host: "proxy.invalid", port: seed.port, database },
    })
    .go();
});
afterAll(async () => {
  await CellItem().delete({ cellId: id }).go();
  await Catalog.close();
  await admin.unsafe(`drop database if exists "${database}" with (force)`);
  await admin.end();
});

const inDatabase = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
  const { password } = JSON.parse(await read("admin"));
  const sql = postgres({
    ...{ host: "127.0.0.1", port: seed.port, username: "postgres", password },
    ...{ database, max: 1, fetch_types: false, onnotice: () => {} },
  });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
};

test("the first deployment readies the server, and the second finds nothing to do", async () => {
  const first = await migrate(seed, read, { cell: id });
  expect(first).toMatchObject({ target: Migration.latestVersion(), rings: [] });
  expect(await inDatabase((sql) => sql`select name from catalog.applied order by name`)).toEqual(
    Migration.migrationFiles("catalog").map(({ name }) => ({ name })),
  );
  const cell = await Directory.cell(id);
  expect(cell?.database).toEqual({ host: "proxy.invalid", directHost: "127.0.0.1", port: seed.port, database });
  expect(await migrate(seed, read, { cell: id })).toMatchObject({ rings: [] });
});

test("a cell that was added later gets its catalog along, and one that does not answer stops the deployment", async () => {
  const cell = await Directory.cell(id);
  if (!cell) throw new Error("no cell");
  // As a release before left it.
  await inDatabase((sql) =>
    sql.unsafe("drop table catalog.dump; delete from catalog.applied where name = '0002_dump'"),
  );
  // The stage's own cell is another one, so this one is among those that were added: by the migrator's rights alone.
  const own = { ...seed, id: `${id}-own`, database: `${database}_own` };
  await CellItem()
    .put({ cellId: own.id, ...{ state: "full", count: 0, max: 1, table: seed.table }, database: cell.database })
    .go();
  await migrate(own, read, { cell: id });
  expect(await inDatabase((sql) => sql`select to_regclass('catalog.dump') is not null as there`)).toEqual([
    { there: true },
  ]);
  await CellItem()
    .patch({ cellId: id })
    .set({ database: { ...cell.database, port: 1 } })
    .go();
  Directory.forgetCell(id);
  try {
    await expect(migrate(own, read, { cell: id })).rejects.toThrow(/ECONNREFUSED|connect/i);
  } finally {
    await CellItem().patch({ cellId: id }).set({ database: cell.database }).go();
    Directory.forgetCell(id);
    await CellItem().delete({ cellId: own.id }).go();
    await admin.unsafe(`drop database if exists "${own.database}" with (force)`);
  }
});

const nextText = 'create table deployed (id text primary key); grant select on deployed to "$school";';

test("a new version reaches every school, and one school's failure stops the deployment by name", async () => {
  await CellItem().patch({ cellId: id }).set({ state: "open" }).go();
  await Provision.refill({ cell: id, target: 3 });
  await CellItem().patch({ cellId: id }).set({ state: "full" }).go();
  const files = Migration.migrationFiles("school");
  const next: MigrationFile = {
    version: files.length + 1,
    name: "next",
    text: nextText,
  };
  const [victim] = await inDatabase((sql) => sql`select schema_name from catalog.school order by id limit 1`);
  await inDatabase((sql) => sql.unsafe(`create table ${String(victim?.schema_name)}.deployed (id integer)`));
  await expect(migrate(seed, read, { cell: id, files: [...files, next] })).rejects.toThrow(
    /ended as failed: 2 schools done, 1 failed/,
  );
  // The next deployment takes up what is left, once the cause is gone.
  await inDatabase((sql) => sql.unsafe(`drop table ${String(victim?.schema_name)}.deployed`));
  expect(await migrate(seed, read, { cell: id, files: [...files, next] })).toMatchObject({
    target: next.version,
    rings: [{ name: "warm", schools: 1, done: 1, failed: 0 }],
  });
});

test("text that does not run stops before any school is touched", async () => {
  const before = await inDatabase((sql) => sql`select id, version from catalog.school order by id`);
  const files = Migration.migrationFiles("school");
  const wrong = { version: files.length + 2, name: "wrong", text: "create table nowhere.at_all (id text);" };
  const filler = { version: files.length + 1, name: "filler", text: "select 1;" };
  await expect(migrate(seed, read, { cell: id, files: [...files, filler, wrong] })).rejects.toThrow(/nowhere/);
  expect(await inDatabase((sql) => sql`select id, version from catalog.school order by id`)).toEqual(before);
});

test("without a proxy the two roles of running code sign in by token", async () => {
  await admin.unsafe("create role rds_iam nologin");
  try {
    await migrate({ ...seed, signsInByToken: true }, read, { cell: id });
    const members = await admin`select pg_get_userbyid(member) as name from pg_auth_members
      where roleid = 'rds_iam'::regrole order by 1`;
    expect(members.map(({ name }) => name)).toEqual(["lectern_app", "lectern_platform"]);
  } finally {
    await admin.unsafe("drop role rds_iam");
  }
});

test("a school that looks otherwise than its migrations make it stops the deployment", async () => {
  const [odd] = await inDatabase((sql) => sql`select schema_name from catalog.school order by id limit 1`);
  const table = `"${String(odd?.schema_name)}".by_hand`;
  await inDatabase((sql) => sql.unsafe(`create table ${table} (id integer)`));
  // As the test before has left them: one version further than the release.
  const files = Migration.migrationFiles("school");
  const next: MigrationFile = { version: files.length + 1, name: "next", text: nextText };
  await expect(migrate(seed, read, { cell: id, files: [...files, next] })).rejects.toThrow(
    /0 failed, 0 behind, 1 drifted/,
  );
  await inDatabase((sql) => sql.unsafe(`drop table ${table}`));
  expect(await migrate(seed, read, { cell: id, files: [...files, next] })).toMatchObject({ rings: [] });
});
