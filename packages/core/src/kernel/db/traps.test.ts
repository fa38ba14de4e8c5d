import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Provision } from "@lectern/tenants/provision";
import { aSchool, asSystem } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import type { Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

// What went wrong once when it was measured, and must not come back.

let school: Route;
beforeAll(async () => {
  school = await aSchool();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await Db.close();
  Db.configure({ max: 10 });
});

const pid = () =>
  asSystem(school, () => Db.use((tx) => tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`))).then(
    ([row]) => row?.pid,
  );

describe("connections", () => {
  test("do not read the cluster's array types when they connect, and can prepare statements", async () => {
    const seen: Sql[] = [];
    await Db.close();
    Db.configure({
      max: 2,
      wrap: (client) => {
        seen.push(client);
        return client;
      },
    });
    await Promise.all([pid(), pid()]);
    expect(seen.length).toBeGreaterThan(0);
    for (const { options } of seen) expect(options).toMatchObject({ fetch_types: false, prepare: true, max: 1 });
  });

  test("are the same ones again, until they are a quarter of an hour old", async () => {
    await Db.close();
    Db.configure({ max: 1 });
    const first = await pid();
    expect(await pid()).toBe(first);
    const now = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => now + 16 * 60_000);
    await pid();
    const second = await pid();
    vi.restoreAllMocks();
    expect(second).not.toBe(first);
  });

  test("are never more than allowed", async () => {
    await Db.close();
    Db.configure({ max: 3 });
    const pids = await Promise.all(Array.from({ length: 30 }, pid));
    expect(new Set(pids).size).toBe(3);
  });
});

test("a school's tables are granted by name: ALL TABLES IN SCHEMA reads the whole catalog", () => {
  const text = Provision.schoolsSql(["sch_01m7wfvhdcegeaz621kfterbwx"]);
  expect(text).toMatch(/GRANT SELECT, INSERT, UPDATE, DELETE ON\s+"asset"/);
  expect(text).not.toMatch(/all (tables|sequences|functions) in schema/i);
});

test("an id that is not a school's never becomes SQL text", () => {
  for (const id of ["sch_x", 'sch_"; drop schema catalog; --', "usr_01m7wfvhdcegeaz621kfterbw", ""])
    expect(() => Provision.schoolsSql([id])).toThrow("not the schema of a school");
});

describe("the product's source", () => {
  const root = join(import.meta.dirname, "../../../../..");
  const sources = globSync("packages/{core,tenants,functions,web,cli}/{src,app}/**/*.{ts,tsx}", { cwd: root })
    .filter((file) => !/\.test\.tsx?$|\/testing\//.test(file))
    .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));
  const where = (pattern: RegExp, allowed: RegExp) =>
    sources.filter(({ file, text }) => pattern.test(text) && !allowed.test(file)).map(({ file }) => file);

  test("is there", () => expect(sources.length).toBeGreaterThan(100));

  test("has no raw SQL text outside the runner", () => {
    expect(where(/\bsql\.raw\(|\.simple\(\)/, /^$/)).toEqual([]);
    expect(
      where(
        /\.unsafe\(/,
        /^packages\/(core\/src\/kernel\/postgres|tenants\/src\/(cell|migration|provision|restore|school))\//,
      ),
    ).toEqual([]);
  });

  test("sets nothing for a session: settings belong to a transaction, and to catalog.enter", () => {
    expect(
      where(/\bset\s+(session|role|search_path)\b|set_config\(/i, /^packages\/tenants\/src\/cell\/roles\.ts$/),
    ).toEqual([]);
    expect(where(/pg_advisory_lock|\blisten\s+[a-z_]+;|create temp/i, /^$/)).toEqual([]);
  });

  test("reaches Postgres through kernel/db and packages/tenants only", () => {
    expect(
      where(
        /from "postgres"|kernel\/postgres|drizzle-orm\/postgres-js/,
        /^packages\/(core\/src\/kernel\/(postgres|db)|tenants\/src)\//,
      ),
    ).toEqual([]);
  });
});
