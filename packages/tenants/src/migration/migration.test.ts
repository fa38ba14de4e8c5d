import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { sql } from "drizzle-orm";
import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { die } from "../testing/die.ts";
import { aSchool, asSystem, aUser } from "../testing/index.ts";
import { login } from "../testing/login.ts";
import { linesOf, template } from "./fingerprint.ts";
import { Migration, type MigrationFile } from "./index.ts";

// In their own cell, because other tests' schools must keep the version they were claimed with.
const cell = "local-3";
let owner: Sql;
const schools: Route[] = [];
let files = [...Migration.migrationFiles("school")];
const spine = files.length;

/** Returns the files so far plus one. Each test adds its own, as releases do. */
function release(text: string): readonly MigrationFile[] {
  files = [...files, { version: files.length + 1, name: "test", text }];
  return files;
}
const takeBack = () => {
  files = files.slice(0, -1);
};

beforeAll(async () => {
  for (let i = 0; i < 12; i++) schools.push(await aSchool({ cell }));
  owner = await login("lectern_migrator", cell);
  await owner.unsafe("set role lectern_owner");
});
afterAll(async () => {
  await owner.end();
  await Promise.all([Db.close(), Catalog.close()]);
});

const at = (index: number): Route => {
  const school = schools[index];
  if (!school) throw new Error("no such school");
  return school;
};
const versions = () =>
  Catalog.use(cell, async (tx) => {
    const rows = await tx.execute<{ id: string; version: number; last_error: string | null }>(
      sql`select id, version, last_error from catalog.school`,
    );
    const mine = new Set(schools.map(({ schoolId }) => schoolId));
    return rows.filter(({ id }) => mine.has(id));
  });
const columnsOf = async (school: Route, table: string): Promise<string> =>
  (
    await owner`select attname from pg_attribute where attrelid = ${`${school.schema}."${table}"`}::regclass and attnum > 0
      and not attisdropped`
  )
    .map(({ attname }) => String(attname))
    .join();

test("a provisioned school matches the tables in code", async () => {
  const school = await aSchool();
  const sqlOne = await login("lectern_migrator", school.cell);
  const ours = (await linesOf(sqlOne, [school.schema])).get(school.schema) ?? [];
  // In its own process, because drizzle-kit changes Array.prototype, which breaks ElectroDB.
  const generator = fileURLToPath(new URL("../../../../migrations/new.ts", import.meta.url));
  const text = execFileSync(process.execPath, ["--import", "tsx", generator, "--print"], { encoding: "utf8" });
  const { lines } = await template(sqlOne, [{ version: 1, name: "drizzle", text }]);
  await sqlOne.end();
  const withoutRights = (all: readonly string[]) => all.filter((line) => !line.startsWith("right "));
  expect(withoutRights(ours)).toEqual(withoutRights(lines));
  expect(lines.length).toBeGreaterThan(200);
  // Each table is granted to the school by name.
  const tables = ours.filter((line) => line.startsWith("relation ")).map((line) => line.split(" ")[1]);
  for (const table of tables) expect(ours).toContain(`right ${table} SELECT to $school`);
});

test("the migration that folds new names and words also folds existing ones", async () => {
  const files = Migration.migrationFiles("school");
  const at = files.findIndex(({ name }) => name.endsWith("_people"));
  const sqlOne = await login("lectern_migrator", cell);
  const rollback = new Error("rolled back on purpose");
  const run = (all: readonly MigrationFile[]) => all.map(({ text }) => text.replaceAll('"$school"', "lectern_school"));
  await sqlOne
    .begin(async (tx) => {
      await tx.unsafe("set local role lectern_owner; create schema s_before; set local search_path = s_before, ext");
      for (const text of run(files.slice(0, at))) await tx.unsafe(text);
      await tx`insert into "user" (id, email, given_name, family_name)
        values ('usr_1', 'zoe@example.test', ${"Zoe\u0301"}, ${"Stra\u200bße"})`;
      await tx`insert into course (id, slug, title, search, typo) values
        ('crs_1', 'a', ${"مُقَدِّمَة في C++"}, ${"'مُقَدِّمَة':1A 'في':2A 'c':3A,9D"}::tsvector, ${"'مُقَدِّمَة' 'في' 'c'"}::tsvector),
        ('crs_2', 'b', 'Plain', ${"'plain':1A"}::tsvector, ${"'plain' 'plin'"}::tsvector)`;
      for (const text of run(files.slice(at, at + 1))) await tx.unsafe(text);
      const [person] = await tx`select given_name, family_name, folded from "user"`;
      expect(person).toEqual({ given_name: "Zoé", family_name: "Straße", folded: "zoe strasse zoe@example.test" });
      const courses = await tx`select search::text, typo::text, folded from course order by id`;
      expect(courses[0]).toMatchObject({ folded: "مقدمه في c++" });
      expect(courses[0]?.search).toContain("'مقدمه':1A");
      expect(courses[0]?.search).toMatch(/'c\+\+':\d+A/);
      expect(courses[0]?.typo).toContain("'مقدمه'");
      expect(courses[1]).toEqual({ search: "'plain':1A", typo: "'plain' 'plin'", folded: "plain" });
      throw rollback;
    })
    .catch((error: unknown) => {
      if (error !== rollback) throw error;
    })
    .finally(() => sqlOne.end());
});

test("no file names the schema public, and numbers have no gaps", () => {
  for (const kind of ["school", "catalog"] as const)
    for (const [index, file] of Migration.migrationFiles(kind).entries()) {
      expect(file.text).not.toContain('"public"');
      expect(file.version).toBe(index + 1);
    }
});

describe("a run", () => {
  test("that is dry changes nothing and reports what it would do", async () => {
    const next = release(`alter table "user" add column dry text`);
    const report = await Migration.up({ cell, files: next, dryRun: true, canary: 2 });
    expect(report).toMatchObject({ dryRun: true, state: "done", done: 2, failed: [] });
    expect(report.remaining).toBeGreaterThanOrEqual(10);
    expect(await columnsOf(at(0), "user")).not.toContain("dry");
    expect(new Set((await versions()).map(({ version }) => version))).toEqual(new Set([spine]));
    takeBack();
  });

  test("with a failing text changes no school", async () => {
    const next = release(`alter table "user" add column broken no_such_type`);
    await expect(Migration.up({ cell, files: next })).rejects.toMatchObject({
      code: "migration.text_fails",
      message: expect.stringContaining("no_such_type"),
    });
    expect(new Set((await versions()).map(({ version }) => version))).toEqual(new Set([spine]));
    takeBack();
  });

  test("migrates every school and its ledger, and finds no drift", async () => {
    const heard: number[] = [];
    const next = release(`alter table "user" add column nickname text`);
    const report = await Migration.up({ cell, files: next, canary: 1, onProgress: ({ done }) => heard.push(done) });
    expect(report).toMatchObject({ state: "done", failed: [], remaining: 0, drifted: [], target: spine + 1 });
    expect(heard).toEqual([...heard].sort((a, b) => a - b));
    expect(heard.at(-1)).toBe(report.done);
    for (const school of schools) expect(await columnsOf(school, "user")).toContain("nickname");
    const [ledger] = await Catalog.use(cell, (tx) =>
      tx.execute(
        sql`select count(*)::int as count from catalog.ledger where version = ${spine + 1} and run_id = ${report.runId}`,
      ),
    );
    expect(ledger).toEqual({ count: report.done });
    const again = await Migration.up({ cell, files: next });
    expect(again).toMatchObject({ state: "done", done: 0, rings: [] });
  });

  test("new tables belong to the school alone", async () => {
    const next = release(`create table "pet" (id text primary key); grant select, insert on "pet" to "$school"`);
    await Migration.up({ cell, files: next });
    const insert = (school: Route) =>
      asSystem(school, () => Db.use((tx) => tx.execute(sql`insert into pet values ('a')`)));
    await insert(at(0));
    await expect(
      asSystem(at(0), () => Db.use((tx) => tx.execute(sql.raw(`select * from ${at(1).schema}.pet`)))),
    ).rejects.toMatchObject({ cause: { code: "42501" } });
  });

  test("reports the school that fails and migrates the others", async () => {
    const broken = at(7);
    await owner.unsafe(`alter table ${broken.schema}."user" add column motto text`);
    const next = release(`alter table "user" add column motto text`);
    const report = await Migration.up({ cell, files: next });
    expect(report.state).toBe("failed");
    expect(report.failed).toEqual([
      {
        cell,
        schoolId: broken.schoolId,
        slug: broken.slug,
        version: files.length - 1,
        error: expect.stringContaining('column "motto" of relation "user" already exists'),
      },
    ]);
    expect(report.remaining).toBe(0);
    const behind = (await versions()).filter(({ version }) => version < files.length);
    expect(behind).toEqual([
      { id: broken.schoolId, version: files.length - 1, last_error: expect.stringContaining("already exists") },
    ]);
    const status = await Migration.status(next);
    expect(status.cells.find((one) => one.cell === cell)).toMatchObject({
      behind: 1,
      errors: [{ slug: broken.slug, error: expect.stringContaining("already exists") }],
    });

    await owner.unsafe(`alter table ${broken.schema}."user" drop column motto`);
    expect(await Migration.up({ cell, files: next })).toMatchObject({ state: "done", done: 1, drifted: [] });
    expect((await versions()).every(({ last_error }) => last_error === null)).toBe(true);
  });

  test("stops when a canary fails, and continues after its repair", async () => {
    for (const school of schools) await owner.unsafe(`create table ${school.schema}.extra (id text)`);
    const next = release(`create table "extra" (id text)`);
    const report = await Migration.up({ cell, files: next, canary: 3, checkDrift: false });
    expect(report).toMatchObject({ state: "stopped", done: expect.any(Number) });
    expect(report.failed).toHaveLength(3);
    expect(report.remaining).toBeGreaterThanOrEqual(9);
    for (const school of schools) await owner.unsafe(`drop table ${school.schema}.extra`);
    expect(await Migration.up({ cell, files: next })).toMatchObject({ state: "done", remaining: 0 });
  });

  test("waits for a school that is locked, without holding up the others for long", async () => {
    const held = Promise.withResolvers<void>();
    const holder = asSystem(at(3), () =>
      Db.use(async (tx) => {
        await tx.execute(sql`select * from "user"`);
        held.resolve();
        await new Promise((resolve) => setTimeout(resolve, 2_500));
      }),
    );
    await held.promise;
    const next = release(`alter table "user" add column locked text`);
    const report = await Migration.up({ cell, files: next, checkDrift: false });
    await holder;
    expect(report).toMatchObject({ state: "done", failed: [] });
  });

  test("that was killed resumes", { timeout: 60_000 }, async () => {
    // The child process knows only the folder's files, so its schools must have that version.
    for (let i = 0; i < 12; i++) schools[i] = await aSchool({ cell: "local-3" });
    const text = `alter table "user" add column killed text`;
    const [before] = await Catalog.use(cell, (tx) =>
      tx.execute<{ count: number }>(sql`select count(*)::int as count from catalog.school where version = ${spine}`),
    );
    expect(await die("migrate", "4", cell, text)).toBe(true);
    const next = [...Migration.migrationFiles("school"), { version: spine + 1, name: "test", text }];
    const half = await versions();
    const report = await Migration.up({ cell, files: next, checkDrift: false });
    expect(report).toMatchObject({ state: "done", failed: [], remaining: 0 });
    expect(report.done).toBeLessThan(before?.count ?? 0);
    expect(half.some(({ version }) => version === spine)).toBe(true);
    for (const school of schools) expect(await columnsOf(school, "user")).toContain("killed");
  });

  test("parallel to another shares the work and repeats nothing", async () => {
    const text = `alter table "user" add column shared text`;
    const base = [...Migration.migrationFiles("school"), { version: spine + 1, name: "test", text: "select 1" }];
    const next = [...base, { version: spine + 2, name: "test", text }];
    const reports = await Promise.all([1, 2].map(() => Migration.up({ cell, files: next, checkDrift: false })));
    for (const report of reports) expect(report.failed).toEqual([]);
    for (const school of schools) expect(await columnsOf(school, "user")).toContain("shared");
  });
});

test("drift is found, with missing and excess lines", async () => {
  const school = await aSchool({ cell });
  await aUser(school, { roles: [] });
  await owner
    .unsafe(`alter table ${school.schema}."user" alter column department set not null;
    drop index ${school.schema}.course_status_idx;
    grant select on ${school.schema}."user" to lectern_platform;
    create function ${school.schema}.sneaky() returns int language sql as 'select 1'`)
    .catch((error: unknown) => {
      expect(String(error)).toMatch(/null values/);
    });
  await owner.unsafe(`drop index if exists ${school.schema}.course_status_idx;
    grant select on ${school.schema}."user" to lectern_platform;
    create or replace function ${school.schema}.sneaky() returns int language sql as 'select 1'`);
  const found = (await Migration.drift({ cell })).find(({ schoolId }) => schoolId === school.schoolId);
  expect(found?.missing).toEqual([expect.stringContaining("course_status_idx")]);
  expect(found?.extra).toEqual(["function sneaky", "right user SELECT to lectern_platform"]);
});

test("drift can be read while schools are created and removed", async () => {
  const names = Array.from({ length: 8 }, (_, index) => `s_going_${index}`);
  const made = (name: string) =>
    `create schema ${name}; create table ${name}.t (id int primary key default 1, name text default 'a' unique)`;
  const reader = await login("lectern_migrator", cell);
  let isOver = false;
  const going = (async () => {
    while (!isOver) {
      await owner.unsafe(names.map(made).join(";"));
      for (const name of names) await owner.unsafe(`set client_min_messages = error; drop schema ${name} cascade`);
    }
  })();
  try {
    for (let round = 0; round < 150; round++) await linesOf(reader, names);
  } finally {
    isOver = true;
    await going;
    await reader.end();
  }
});

describe("rings", () => {
  const make = (used: number, warm: number) =>
    Array.from({ length: used + warm }, (_, index) => ({ index, isWarm: index >= used }));
  const sizes = (used: number, warm: number, canary?: number) =>
    Object.fromEntries(Migration.ringsOf(make(used, warm), canary).map(({ name, schools: all }) => [name, all.length]));

  test("are warm schools, then canaries, 1 %, 10 % and the rest, each school once", () => {
    expect(sizes(1000, 50)).toEqual({ warm: 50, canary: 5, "1 %": 10, "10 %": 90, "100 %": 895 });
    expect(sizes(1000, 0, 20)).toEqual({ canary: 20, "1 %": 10, "10 %": 88, "100 %": 882 });
    expect(sizes(3, 0)).toEqual({ "1 %": 1, "100 %": 2 });
    expect(sizes(0, 0)).toEqual({});
    const all = Migration.ringsOf(make(777, 33), 7).flatMap(({ schools: ring }) => ring.map(({ index }) => index));
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: 810 }, (_, index) => index));
  });
});
