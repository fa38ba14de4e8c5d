import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CellItem, Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { Catalog } from "@lectern/tenants/catalog";
import { Cell } from "@lectern/tenants/cell";
import { Migration, type MigrationFile } from "@lectern/tenants/migration";
import { Provision } from "@lectern/tenants/provision";
import postgres, { type Sql } from "postgres";
import { Resource } from "sst";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mayLeave, migrate, open } from "./index.ts";
import { CellSeed } from "./seed.ts";

// A server as a deployment finds it: an administrator and an empty database.
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
    // A missing proxy: migrations bypass it.
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
  // Full from the start, so that no other test gets a school of it.
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

const inDatabase = async <T>(work: (sql: Sql) => Promise<T>, of = database): Promise<T> => {
  const { password } = JSON.parse(await read("admin"));
  const sql = postgres({
    ...{ host: "127.0.0.1", port: seed.port, username: "postgres", password },
    ...{ database: of, max: 1, fetch_types: false, onnotice: () => {} },
  });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
};

test("the first deployment prepares the server, and the second changes nothing", async () => {
  const first = await migrate([seed], read, { cell: id });
  expect(first).toMatchObject({ target: Migration.latestVersion(), rings: [] });
  expect(await inDatabase((sql) => sql`select name from catalog.applied order by name`)).toEqual(
    Migration.migrationFiles("catalog").map(({ name }) => ({ name })),
  );
  const cell = await Directory.cell(id);
  expect(cell?.database).toEqual({ host: "proxy.invalid", directHost: "127.0.0.1", port: seed.port, database });
  expect(await migrate([seed], read, { cell: id })).toMatchObject({ rings: [] });
});

describe("an additional cell", () => {
  // Sorts last, because openings take the first open cell.
  const other = `zz-${id}`;
  let further: CellSeed;
  const known = async () => (await Cell.list()).find((cell) => cell.id === other);
  const inFurther = <T>(work: (sql: Sql) => Promise<T>) => inDatabase(work, further.database);
  beforeAll(() => {
    further = { ...seed, id: other, database: `${database}_2`, max: 1 };
  });
  afterAll(async () => {
    await CellItem().delete({ cellId: other }).go();
    await admin.unsafe(`drop database if exists "${further.database}" with (force)`);
  });

  test("is prepared before it is registered, and registered once all code can reach it", async () => {
    await migrate([seed, further], read, { cell: id });
    expect(await inFurther((sql) => sql`select name from catalog.applied order by name`)).toHaveLength(
      Migration.migrationFiles("catalog").length,
    );
    expect(await known()).toBeUndefined();
    expect(await open([seed, further])).toEqual([other]);
    expect(await known()).toMatchObject({ state: "open", max: 1, database: { database: further.database } });
    await Cell.setState(other, "full");
  });

  test("keeps the operator's state, gets catalog migrations, and has its addresses updated", async () => {
    // The state that an earlier release left.
    await inFurther((sql) => sql.unsafe("drop table catalog.dump; delete from catalog.applied where name >= '0002'"));
    await migrate([seed, { ...further, host: "another.invalid" }], read, { cell: id });
    expect(await open([seed, further])).toEqual([]);
    expect(await known()).toMatchObject({ state: "full", database: { host: "another.invalid" } });
    expect(await inFurther((sql) => sql`select to_regclass('catalog.dump') is not null as there`)).toEqual([
      { there: true },
    ]);
  });

  test("that does not answer stops the deployment before any school changes", async () => {
    const files = Migration.migrationFiles("school");
    const next = { version: files.length + 1, name: "never", text: "create table never (id text);" };
    await expect(migrate([seed, { ...further, port: 1 }], read, { cell: id, files: [...files, next] })).rejects.toThrow(
      /ECONNREFUSED|connect/i,
    );
    expect(await inDatabase((sql) => sql`select id from catalog.school where version > ${files.length}`)).toEqual([]);
  });

  test("that is removed from the settings stops the deployment until it is empty, and is then removed", async () => {
    const without = () => migrate([seed], read, { cell: other });
    await expect(without()).rejects.toThrow(
      /zz-\S+ is not among the stage's cells any more, but it is full: .*draining/,
    );
    await Cell.setState(other, "draining");
    // Warm schools belong to no customer; this one does, although it is closed.
    const [warm, left] = [createId("school"), createId("school")];
    await inFurther(
      (sql) => sql`insert into catalog.school (id, schema_name, state, version) values
        (${warm}, ${Provision.schemaOf(warm)}, 'warm', 1), (${left}, ${Provision.schemaOf(left)}, 'suspended', 1)`,
    );
    await expect(without()).rejects.toThrow(/but it holds 1 schools: put it back, and move them first/);
    await inFurther(async (sql) => {
      await sql`delete from catalog.school where id = ${left}`;
      await sql`insert into bus.outbox (id, school_id, type, envelope) values ('evt_1', ${left}, 'a.b', '{}')`;
    });
    await expect(without()).rejects.toThrow(/but 1 events wait in its outbox/);
    // The check before a deployment gives the same result.
    await expect(mayLeave([other])).rejects.toThrow(/but 1 events wait in its outbox/);
    await inFurther((sql) => sql.unsafe("delete from bus.outbox"));
    await mayLeave([other]);
    expect(await known()).toBeDefined();
    await without();
    expect(await known()).toBeUndefined();
    // Its database exists a while longer.
    await mayLeave([other]);
  });

  test("that was never created cannot change state", async () => {
    await expect(Cell.setState("cell-99", "open")).rejects.toMatchObject({ kind: "not_found", code: "cell.unknown" });
  });
});

const nextText = 'create table deployed (id text primary key); grant select on deployed to "$school";';

test("a new version reaches every school, and a failure stops the deployment and names the school", async () => {
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
  await expect(migrate([seed], read, { cell: id, files: [...files, next] })).rejects.toThrow(
    /ended as failed: 2 schools done, 1 failed/,
  );
  // The next deployment completes the rest after the cause is gone.
  await inDatabase((sql) => sql.unsafe(`drop table ${String(victim?.schema_name)}.deployed`));
  expect(await migrate([seed], read, { cell: id, files: [...files, next] })).toMatchObject({
    target: next.version,
    rings: [{ name: "warm", schools: 1, done: 1, failed: 0 }],
  });
});

test("a failing migration stops before any school changes", async () => {
  const before = await inDatabase((sql) => sql`select id, version from catalog.school order by id`);
  const files = Migration.migrationFiles("school");
  const wrong = { version: files.length + 2, name: "wrong", text: "create table nowhere.at_all (id text);" };
  const filler = { version: files.length + 1, name: "filler", text: "select 1;" };
  await expect(migrate([seed], read, { cell: id, files: [...files, filler, wrong] })).rejects.toThrow(/nowhere/);
  expect(await inDatabase((sql) => sql`select id, version from catalog.school order by id`)).toEqual(before);
});

test("without a proxy the two application roles sign in by token", async () => {
  await admin.unsafe("create role rds_iam nologin");
  try {
    await migrate([{ ...seed, signsInByToken: true }], read, { cell: id });
    const members = await admin`select pg_get_userbyid(member) as name from pg_auth_members
      where roleid = 'rds_iam'::regrole order by 1`;
    expect(members.map(({ name }) => name)).toEqual(["lectern_app", "lectern_platform"]);
  } finally {
    await admin.unsafe("drop role rds_iam");
  }
});

test("a school that differs from its migrations stops the deployment", async () => {
  const [odd] = await inDatabase((sql) => sql`select schema_name from catalog.school order by id limit 1`);
  const table = `"${String(odd?.schema_name)}".by_hand`;
  await inDatabase((sql) => sql.unsafe(`create table ${table} (id integer)`));
  // The previous test left one version more than the release.
  const files = Migration.migrationFiles("school");
  const next: MigrationFile = { version: files.length + 1, name: "next", text: nextText };
  await expect(migrate([seed], read, { cell: id, files: [...files, next] })).rejects.toThrow(
    /0 failed, 0 behind, 1 drifted/,
  );
  await inDatabase((sql) => sql.unsafe(`drop table ${table}`));
  expect(await migrate([seed], read, { cell: id, files: [...files, next] })).toMatchObject({ rings: [] });
});
