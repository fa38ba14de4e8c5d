import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { Event, OutboxItem } from "@lectern/core/kernel/event";
import { userTable } from "@lectern/core/people/identity/user.sql";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { Catalog } from "../catalog/index.ts";
import { aSchool, asSystem, aUser } from "../testing/index.ts";
import { login } from "../testing/login.ts";
import { tracesOf } from "../testing/traces.ts";
import { Cell } from "./index.ts";

// Two cells, each with its own database, data table and school.
let first: Route;
let second: Route;

beforeAll(async () => {
  [first, second] = [await aSchool({ cell: "local-1" }), await aSchool({ cell: "local-2" })];
  await aUser(first, { roles: [], email: "first@cell.test" });
  await aUser(second, { roles: [], email: "second@cell.test" });
});
afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const emails = () =>
  Db.use(async (tx) => (await tx.select({ email: userTable.email }).from(userTable)).map((row) => row.email));

describe("two cells", () => {
  test("have separate databases and tables", async () => {
    const [one, two] = await Promise.all([Directory.cell(first.cell), Directory.cell(second.cell)]);
    expect(one?.database).not.toEqual(two?.database);
    expect(first.table).not.toBe(second.table);
  });

  test("each school reads its own rows, concurrently too", async () => {
    const reads = Array.from({ length: 40 }, (_, i) => asSystem(i % 2 ? second : first, emails));
    for (const [i, found] of (await Promise.all(reads)).entries())
      expect(found).toEqual([i % 2 ? "second@cell.test" : "first@cell.test"]);
  });

  test("a route with the wrong cell finds no school", async () => {
    await expect(asSystem({ ...first, cell: second.cell }, emails)).rejects.toMatchObject({ code: "school.not_found" });
    await expect(asSystem({ ...second, cell: first.cell }, emails)).rejects.toMatchObject({ code: "school.not_found" });
  });

  test("events and items are in their school's cell", async () => {
    const Tried = Event.defineEvent("cell.tried", z.object({}));
    for (const school of [first, second])
      await asSystem(school, async () => {
        await Tried.emit({});
        await OutboxItem()
          .put({ schoolId: school.schoolId, eventId: "evt_1", type: "a.b", envelope: "{}", shard: "0" })
          .go();
      });
    for (const [school, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const rows = await Catalog.use(school.cell, (tx) =>
        tx.execute(
          sql`select count(*)::int as mine from bus.outbox where school_id = ${school.schoolId} and type = 'cell.tried'`,
        ),
      );
      expect(rows[0]).toEqual({ mine: 1 });
      // The other cell holds no trace of the school; only the directory names it globally.
      const elsewhere = await tracesOf({ ...school, cell: other.cell, table: other.table });
      expect(elsewhere.filter((trace) => !/irectory|^role /.test(trace))).toEqual([]);
    }
  });

  test("one cell's login cannot use a school of the other", async () => {
    const app = await login("lectern_app", second.cell);
    await expect(
      app.unsafe(`begin; set local role ${first.schema}; select * from ${second.schema}."user"`),
    ).rejects.toThrow(/permission denied/);
    await app.end();
  });
});

describe("a cell", () => {
  test("is registered once and updated afterwards", async () => {
    const [cell] = await Cell.list();
    if (!cell) throw new Error("no cell");
    await Cell.register({ ...cell, max: cell.max });
    expect((await Cell.list()).find(({ id }) => id === cell.id)).toEqual(cell);
  });
});
