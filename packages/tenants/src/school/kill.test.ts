import { randomBytes } from "node:crypto";
import { Db } from "@lectern/core/kernel/db";
import { Directory, SlugItem } from "@lectern/core/kernel/directory";
import { idBody } from "@lectern/core/kernel/id";
import { roleGrantTable } from "@lectern/core/people/identity/user.sql";
import { sql } from "drizzle-orm";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { Cell } from "../cell/index.ts";
import { Provision } from "../provision/index.ts";
import { die } from "../testing/die.ts";
import { anAbandonedOpening, aSchool, asSystem } from "../testing/index.ts";
import { login } from "../testing/login.ts";
import { tracesOf } from "../testing/traces.ts";
import { eraseAbandoned } from "./erase.ts";
import { openingSteps, School } from "./index.ts";

afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const application = () => ({
  slug: `k-${randomBytes(5).toString("hex")}`,
  name: "Killed Academy",
  owner: { email: "owner@example.test", givenName: "Ann", password: "a long enough sentence" },
});

async function facts(slug: string) {
  const school = await Directory.byHost(`${slug}.localhost`);
  if (!school) throw new Error("no school");
  const owners = await asSystem(school, () => Db.use((tx) => tx.select().from(roleGrantTable)));
  const [counts] = await Catalog.use(school.cell, (tx) =>
    tx.execute<{ created: number; registered: number }>(sql`
      select count(*) filter (where type = 'school.created')::int as created,
        count(*) filter (where type = 'user.registered')::int as registered
      from bus.outbox where school_id = ${school.schoolId}`),
  );
  return { state: school.state, owners: owners.length, ...counts };
}

// Runs beside the wait for a table below: these openings are too young for the sweep.
describe.concurrent("an opening that is killed", () => {
  test.for(openingSteps)(
    "after %s resumes when the call is repeated",
    { timeout: 60_000 },
    async (step, { expect }) => {
      const input = application();
      expect(await die("open", step, JSON.stringify(input))).toBe(true);
      const opened = await School.open(input);
      expect(await School.open(input)).toMatchObject({ schoolId: opened.schoolId });
      expect(await facts(input.slug)).toEqual({ state: "active", owners: 1, created: 1, registered: 1 });
    },
  );

  test("at each step in succession completes with the same result", { timeout: 120_000 }, async ({ expect }) => {
    const input = application();
    for (const step of openingSteps.slice(0, -1)) expect(await die("open", step, JSON.stringify(input))).toBe(true);
    await School.open(input);
    expect(await facts(input.slug)).toEqual({ state: "active", owners: 1, created: 1, registered: 1 });
    // The opening claimed only one school.
    const { schoolId, cell, table } = await School.show({ slug: input.slug });
    await School.remove({ slug: input.slug });
    expect(await tracesOf({ schoolId, cell, table, slug: input.slug })).toEqual([]);
  });

  test("can be deleted midway", { timeout: 60_000 }, async ({ expect }) => {
    for (const step of ["claimed", "registered"] as const) {
      const input = application();
      await die("open", step, JSON.stringify(input));
      await School.remove({ slug: input.slug });
      await expect(School.show({ slug: input.slug })).rejects.toMatchObject({ code: "school.not_found" });
      expect((await School.open(input)).slug).toBe(input.slug);
    }
  });
});

test.concurrent("a failed sweep is reported and stops no other, and the next run completes partial erasures", {
  timeout: 60_000,
}, async ({ expect }) => {
  const cell = "local-1";
  const [stuck, half, other] = [
    await anAbandonedOpening(cell),
    await anAbandonedOpening(cell),
    await anAbandonedOpening(cell),
  ];
  await Catalog.use(cell, (tx) =>
    tx.execute(sql`update catalog.school set state = 'deleting', epoch = epoch + 1 where id = ${half.schoolId}`),
  );
  // DROP TABLE waits for a lock that another session holds.
  const holder = await login("lectern_migrator", cell);
  const schema = `s_${idBody(stuck.schoolId)}`;
  const held = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  const holding = holder.begin(async (tx) => {
    await tx.unsafe(`set local role lectern_owner; lock table "${schema}"."user" in access share mode`);
    ready.resolve();
    await held.promise;
  });
  await ready.promise;
  await expect(School.sweep()).rejects.toThrow(/1 abandoned openings were not erased/);
  const left = async () =>
    (
      await Catalog.use(cell, (tx) =>
        tx.execute<{ id: string }>(sql`
          select id from catalog.school where id in (${stuck.schoolId}, ${half.schoolId}, ${other.schoolId})`),
      )
    ).map(({ id }) => id);
  expect(await left()).toEqual([stuck.schoolId]);
  held.resolve();
  await holding;
  await holder.end();
  expect((await School.sweep()).erased).toContain(stuck.schoolId);
  expect(await left()).toEqual([]);
  const table = (await Directory.cell(cell))?.table ?? "";
  for (const { schoolId } of [stuck, half, other])
    expect(await tracesOf({ schoolId, cell, table, slug: "no-such-address" })).toEqual([]);
});

test("a killed opening's address becomes free after a while, and the sweep erases the school it claimed", {
  timeout: 60_000,
}, async () => {
  const input = application();
  await die("open", "owner", JSON.stringify(input));
  const other = { ...input, owner: { ...input.owner, email: "eve@example.test" } };
  await expect(School.open(other)).rejects.toMatchObject({ code: "school.slug_taken" });
  const { data: held } = await SlugItem().get({ slug: input.slug }).go();
  const reservedAt = new Date(Date.now() - 16 * 60_000).toISOString();
  await SlugItem().patch({ slug: input.slug }).set({ reservedAt }).go();
  const opened = await School.open(other);
  expect(opened.schoolId).not.toBe(held?.schoolId);
  expect(await facts(input.slug)).toEqual({ state: "active", owners: 1, created: 1, registered: 1 });
  const left = held?.schoolId ?? "";
  const swept = async () => (await eraseAbandoned(held?.cell ?? "")).erased;
  expect(await swept()).not.toContain(left);
  // Ages only this opening, so that other tests' interrupted openings stay.
  await Catalog.use(held?.cell ?? "", (tx) =>
    tx.execute(sql`update catalog.school set claimed_at = claimed_at - interval '25 hours' where id = ${left}`),
  );
  expect(await swept()).toContain(left);
  expect(await swept()).not.toContain(left);
  const { cell, table } = await School.show({ slug: input.slug });
  expect(await tracesOf({ schoolId: left, cell, table, slug: "no-such-address" })).toEqual([]);
  expect(await School.open(other)).toMatchObject({ schoolId: opened.schoolId });
});

test("the sweep leaves schools that were once open to their operator", async () => {
  const school = await aSchool();
  await Catalog.use(school.cell, (tx) =>
    tx.execute(sql`
      update catalog.school set state = 'deleting', claimed_at = claimed_at - interval '25 hours' where id = ${school.schoolId}`),
  );
  expect((await School.sweep()).erased).not.toContain(school.schoolId);
  expect(await Directory.readSchool(school.schoolId)).toBeDefined();
  await School.remove({ slug: school.slug });
});

test("a killed refill leaves only complete schools", { timeout: 120_000 }, async () => {
  // A refill that finds another at work ends.
  for (const ms of [1, 30, 60]) await vi.waitUntil(() => die("refill", String(ms)), { timeout: 30_000 });
  for (const cell of await Cell.list()) {
    const [odd] = await Catalog.use(cell.id, (tx) =>
      tx.execute<{ schemas: number; gates: number }>(sql`
        select (select count(*) from pg_namespace n where n.nspname ~ '^s_[0-9a-z]{26}$'
            and not exists (select from catalog.school s where s.schema_name = n.nspname))::int as schemas,
          (select count(*) from catalog.school s where not exists (
            select from pg_namespace n join pg_roles r on r.rolname = n.nspname where n.nspname = s.schema_name))::int as gates`),
    );
    expect(odd).toEqual({ schemas: 0, gates: 0 });
  }
  const { made } = await Provision.refill({ target: 1, cell: "local-1" });
  expect(made).toBeLessThanOrEqual(1);
});
