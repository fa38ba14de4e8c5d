import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { codeOf } from "@lectern/core/kernel/postgres";
import { sql } from "drizzle-orm";
import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { aSchool, asSystem, aUser } from "../testing/index.ts";
import { login } from "../testing/login.ts";

// Isolation by Postgres alone: statements as lectern_app without the application's checks.

let school: Route;
let other: Route;
let app: Sql;
/** Table -> one of its columns. */
let columns: Map<string, string>;
let tables: string[];

beforeAll(async () => {
  [school, other] = await Promise.all([aSchool(), aSchool()]);
  await Promise.all([aUser(school, { roles: [] }), aUser(other, { roles: [] })]);
  app = await login("lectern_app", school.cell);
  const found = await app<{ name: string; column: string }[]>`
    select c.relname as name, min(a.attname) as column
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where n.nspname = ${school.schema} and c.relkind = 'r' and a.attgenerated = '' group by 1 order by 1`;
  columns = new Map(found.map(({ name, column }) => [name, column]));
  tables = [...columns.keys()];
});
afterAll(async () => {
  await app.end();
  await Promise.all([Db.close(), Catalog.close()]);
});

/** Returns the SQLSTATE of a failure, or the rows. */
const outcome = (text: string) =>
  app.unsafe(text).then(
    (rows) => `went through: ${JSON.stringify(rows).slice(0, 100)}`,
    (error: unknown) => codeOf(error),
  );
const inSchool = async (text: string) => {
  const result = await outcome(
    `begin; select catalog.enter('${school.schema}', ${school.epoch}, 'web'); ${text}; commit`,
  );
  await app.unsafe("rollback");
  return result;
};
const denied = "42501";
const unknownTable = "42P01";

/** Statements to try on a table. */
const acts = (table: string, column: string): string[] => [
  `select * from ${table}`,
  `insert into ${table} default values`,
  `update ${table} set "${column}" = "${column}"`,
  `delete from ${table}`,
  `truncate ${table}`,
  `lock table ${table}`,
  `copy ${table} to stdout`,
];
const outsideOf = async (text: string) => {
  const result = await outcome(`begin; ${text}`);
  await app.unsafe("rollback");
  return result;
};

test("there are tables to try", () => {
  expect(tables.length).toBeGreaterThan(15);
});

describe("every table is out of reach", () => {
  test("of another school, by its full name, in a school's transaction", async () => {
    for (const [table, column] of columns)
      for (const act of acts(`${other.schema}."${table}"`, column))
        expect([act, await inSchool(act)]).toEqual([act, denied]);
  });

  test("without a role, by its full name", async () => {
    for (const [table, column] of columns)
      for (const act of acts(`${school.schema}."${table}"`, column))
        expect([act, await outsideOf(act)]).toEqual([act, denied]);
  });

  test("without a role, by its plain name", async () => {
    for (const table of tables) expect(await outcome(`select * from "${table}"`)).toBe(unknownTable);
  });

  test("with one school's path and another's role", async () => {
    for (const table of tables)
      expect(await inSchool(`set local search_path = ${other.schema}; select * from "${table}"`)).toMatch(
        new RegExp(`^(${unknownTable}|${denied})$`),
      );
  });

  test("but its own tables are not, except the audit trail, which is append-only", async () => {
    for (const table of tables) expect(await inSchool(`select * from "${table}"`)).toMatch(/went through/);
    expect(await inSchool("delete from audit_entry")).toBe(denied);
    expect(await inSchool("update audit_entry set action = ''")).toBe(denied);
  });
});

describe("the catalog and the bus", () => {
  test.each(["school", "run", "ledger", "template", "applied"])("a school cannot read catalog.%s", async (table) => {
    expect(await inSchool(`select * from catalog.${table}`)).toBe(denied);
    if (table !== "school") expect(await outcome(`select * from catalog.${table}`)).toBe(denied);
  });

  test("without a role only three columns of the gate are readable, and none writable", async () => {
    expect(await outcome("select schema_name, state, epoch from catalog.school limit 1")).toMatch(/went through/);
    for (const text of [
      "select * from catalog.school",
      "select opening_id from catalog.school",
      "update catalog.school set state = 'active'",
      "delete from catalog.school",
      "select catalog.step('x', 1, 2, 'r')",
    ])
      expect([text, await outcome(text)]).toEqual([text, denied]);
  });

  test("the outbox accepts only the school's own events, through bus.emit", async () => {
    const emit = (schoolId: string, id = "evt_x", type = "a.b") =>
      `select bus.emit('evt_x', 'a.b', '${JSON.stringify({ id, type, schoolId })}'::jsonb)`;
    for (const act of acts("bus.outbox", "id"))
      expect([act, await inSchool(act), await outsideOf(act)]).toEqual([act, denied, denied]);
    expect(await outcome(emit(school.schoolId))).toBe(denied);
    expect(await inSchool(emit(other.schoolId))).toBe(denied);
    expect(await inSchool(emit(school.schoolId, "evt_other"))).toBe(denied);
    expect(await inSchool(emit(school.schoolId, "evt_x", "c.d"))).toBe(denied);
    expect(await inSchool("select bus.emit('evt_x', 'a.b', '{}'::jsonb)")).toBe(denied);
    expect(await inSchool(`${emit(school.schoolId)}; select 1 / 0`)).toBe("22012");
  });
});

describe("rights cannot be widened", () => {
  test.each([
    "create table x (id text)",
    "create temp table x (id text)",
    "create table public.x (id text)",
    "create table catalog.x (id text)",
    "create table ext.x (id text)",
    "create schema x",
    'alter table "user" add column x text',
    'drop table "user"',
    'create index x on "user" (email)',
    "create function x() returns int language sql as 'select 1'",
    'create trigger x before insert on "user" for each row execute function suppress_redundant_updates_trigger()',
    "create role x",
    "alter role lectern_app superuser",
    "set local role lectern_owner",
    "set local role lectern_platform",
    "set local role lectern_school",
    "set session authorization lectern_owner",
    "copy (select 1) to program 'true'",
    "select pg_read_file('/etc/passwd')",
    "create extension dblink",
  ])("in a school's transaction: %s", async (text) => {
    expect(await inSchool(text)).toMatch(/^(42501|0LP01|42704|22023)$/);
  });

  test("a school's role cannot grant its rights or change the server", async () => {
    // Postgres warns and grants nothing.
    await inSchool('grant select on "user" to lectern_app');
    expect(await outcome(`select * from ${school.schema}."user"`)).toBe(denied);
    expect(await outcome("alter system set fsync = off")).toBe(denied);
  });

  test("a second enter fails, for the same school and for another", async () => {
    expect(await inSchool(`select catalog.enter('${school.schema}', ${school.epoch}, 'web')`)).toBe(denied);
    expect(await inSchool(`select catalog.enter('${other.schema}', ${other.epoch}, 'web')`)).toBe(denied);
  });

  test("the application's login inherits no school's role", async () => {
    const rows = await app`select m.inherit_option, m.admin_option, m.set_option from pg_auth_members m
      join pg_roles r on r.oid = m.roleid where m.member = 'lectern_app'::regrole`;
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) expect(row).toEqual({ inherit_option: false, admin_option: false, set_option: true });
    const [attributes] = await app`select rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication
      from pg_roles where rolname = 'lectern_app'`;
    expect(new Set(Object.values(attributes ?? {}))).toEqual(new Set([false]));
  });
});

describe("the connection keeps no state", () => {
  const state = async () =>
    (
      await app`select current_user as who, current_setting('role') as role, current_setting('search_path') as path,
      current_setting('application_name') as name, current_setting('statement_timeout') as timeout`
    )[0];

  test.each(["commit", "rollback"])("after %s, role, path and limits are reset to the login's", async (end) => {
    const before = await state();
    await app.unsafe(`begin; select catalog.enter('${school.schema}', ${school.epoch}, 'job')`);
    expect(await state()).toMatchObject({ who: school.schema, path: `${school.schema},ext`, timeout: "1min" });
    await app.unsafe(end);
    expect(await state()).toEqual(before);
    expect(before).toMatchObject({ who: "lectern_app", role: "none", path: '""', timeout: "5s" });
  });

  test("enter outside a transaction opens nothing", async () => {
    await app.unsafe(`select catalog.enter('${school.schema}', ${school.epoch}, 'web')`);
    expect(await state()).toMatchObject({ who: "lectern_app" });
    expect(await outcome('select * from "user"')).toBe(unknownTable);
  });
});

describe("the other logins", () => {
  test("lectern_platform reads the catalog and no school", async () => {
    const platform = await login("lectern_platform", school.cell);
    const tried = (text: string) => platform.unsafe(text).then(() => "went through", codeOf);
    expect(await tried("select * from catalog.school limit 1")).toBe("went through");
    expect(await tried(`select * from ${school.schema}."user"`)).toBe(denied);
    expect(await tried(`set role ${school.schema}`)).toBe(denied);
    expect(await tried(`select catalog.enter('${school.schema}', 1, 'web')`)).toBe(denied);
    await platform.end();
  });

  test("migrator and provisioner cannot read a school's rows", async () => {
    for (const role of ["lectern_migrator", "lectern_provisioner"] as const) {
      const sql = await login(role, school.cell);
      expect(await sql.unsafe(`select * from ${school.schema}."user"`).then(() => "read", codeOf)).toBe(denied);
      await sql.end();
    }
  });
});

// Simulates a page's bug: the same statements through the product's own entry point.
describe("through Db.use", () => {
  test("a foreign schema is refused", async () => {
    const reading = asSystem(school, () => Db.use((tx) => tx.execute(sql.raw(`select * from ${other.schema}."user"`))));
    await expect(reading).rejects.toMatchObject({ cause: { code: denied } });
  });

  test("a route that mixes two schools' epoch and schema is refused", async () => {
    const mixed = { ...school, epoch: other.epoch + 7 };
    await expect(asSystem(mixed, () => Db.use((tx) => tx.execute(sql`select 1`)))).rejects.toMatchObject({
      code: "school.moved",
    });
  });
});
