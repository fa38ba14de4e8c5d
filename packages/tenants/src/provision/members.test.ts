import { Db } from "@lectern/core/kernel/db";
import type { Sql } from "postgres";
import { afterAll, expect, test } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { aSchool } from "../testing/index.ts";
import { login } from "../testing/login.ts";

// Postgres caches the roles a connection's user may take; a grant during that read is missing from the cache.

afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const crowd = 300;
const enough = 5;

test("a connection that cached its roles during an opening can enter the new school", async () => {
  const [school, busy] = await Promise.all([aSchool({ cell: "local-1" }), aSchool({ cell: "local-1" })]);
  const provisioner = await login("lectern_provisioner", school.cell);
  const apps = await Promise.all(Array.from({ length: 4 }, () => login("lectern_app", school.cell)));
  const others = Array.from({ length: crowd }, (_, i) => `members_test_${i}`);
  await provisioner.unsafe(others.map((role) => `create role ${role} nologin; grant ${role} to lectern_app;`).join(""));
  const enter = async (app: Sql, { schema, epoch }: { schema: string; epoch: number }) => {
    const [seen] = await app.begin(async (tx) => {
      const [knew] = await tx`select pg_has_role(${schema}, 'SET') as it`;
      await tx`select catalog.enter(${schema}, ${epoch}, 'web')`;
      const [{ who } = { who: "" }] = await tx<{ who: string }[]>`select current_user as who`;
      return [{ knew: knew?.it === true, who }];
    });
    return seen;
  };
  let stale = 0;
  try {
    const until = Date.now() + 60_000;
    while (stale < enough && Date.now() < until) {
      await provisioner.unsafe(`revoke ${school.schema} from lectern_app`);
      let granted = false;
      const listing = apps.map(async (app) => {
        while (!granted) await enter(app, busy);
      });
      await new Promise((next) => setTimeout(next, Math.random() * 6));
      await provisioner.unsafe(`grant ${school.schema} to lectern_app with inherit false, set true, admin false`);
      granted = true;
      await Promise.all(listing);
      for (const seen of await Promise.all(apps.map((app) => enter(app, school)))) {
        expect(seen?.who).toBe(school.schema);
        if (!seen?.knew) stale++;
      }
    }
    expect(stale, "the race was never met").toBeGreaterThanOrEqual(enough);
  } finally {
    await provisioner.unsafe(others.map((role) => `drop role ${role};`).join(""));
    await Promise.all([provisioner, ...apps].map((sql) => sql.end()));
  }
}, 90_000);
