import { Db } from "@lectern/core/kernel/db";
import { Directory, HostItem } from "@lectern/core/kernel/directory";
import { sql } from "drizzle-orm";
import { afterAll, describe, expect, test } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { die } from "../testing/die.ts";
import { aSchool, asSystem, asUser } from "../testing/index.ts";
import { readClaim, readHold } from "./claims.ts";
import { Domain } from "./index.ts";
import { aHost, hurry, setRecord } from "./testing/index.ts";

afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const steps = ["proven", "held", "tenant", "attached", "issued", "served", "activated", "told"] as const;

async function aPointed() {
  const school = await aSchool();
  const host = aHost();
  const { records } = await asUser(school, { roles: ["admin"] }, () => Domain.add({ host }));
  for (const record of records) await setRecord(record);
  return { school, host };
}

const turns = async (cell: string, schoolId: string) =>
  (
    await Catalog.use(cell, (tx) =>
      tx.execute<{ to: string }>(sql`select envelope->'data'->>'to' as to from bus.outbox
        where school_id = ${schoolId} and type = 'domain.turned'`),
    )
  ).map(({ to }) => to);

test("a run without time changes nothing, and the next one does", async () => {
  const { school, host } = await aPointed();
  await Domain.advanceDue({ forMs: 0, schoolId: school.schoolId });
  expect((await readClaim(school.schoolId, host))?.state).toBe("requested");
  await Domain.advanceDue({ schoolId: school.schoolId });
  expect((await readClaim(school.schoolId, host))?.state).toBe("dns_ok");
});

describe("a worker that is killed", () => {
  test.each(steps)(
    "after %s leaves a domain that the next one completes, with one notification",
    { timeout: 60_000 },
    async (step) => {
      const { school, host } = await aPointed();
      expect(await die("domain", step, school.schoolId, host)).toBe(true);
      await hurry(school, host);
      expect((await readClaim(school.schoolId, host))?.state).toBe("active");
      expect((await HostItem().get({ host }).go({ consistent: true })).data?.schoolId).toBe(school.schoolId);
      expect(await readHold(host)).toMatchObject({ schoolId: school.schoolId, state: "held" });
      await asSystem(school, () => Domain.advance(host));
      expect(await turns(school.cell, school.schoolId)).toEqual(["active"]);
    },
  );

  test.each(["released", "dismantled"])(
    "after %s leaves nothing of a removed domain",
    { timeout: 60_000 },
    async (step) => {
      const { school, host } = await aPointed();
      await hurry(school, host);
      await asUser(school, { roles: ["admin"] }, () => Domain.remove({ host }));
      expect(await die("domain", step, school.schoolId, host)).toBe(true);
      await asSystem(school, () => Domain.takeDown(host, 30_000));
      expect(await readClaim(school.schoolId, host)).toBeUndefined();
      expect(await readHold(host)).toBeUndefined();
      Directory.forget(school.schoolId);
      expect(await Directory.byHost(host)).toBeUndefined();
    },
  );

  test("after the domain failed is continued by the next, with one notification", { timeout: 60_000 }, async () => {
    const { school, host } = await aPointed();
    await setRecord({ type: "CNAME", name: host, value: "elsewhere.example.net" });
    expect(await die("domain", "failed", school.schoolId, host, String(Domain.giveUpMs + 1000))).toBe(true);
    for (let turn = 0; turn < 4; turn++) await asSystem(school, () => Domain.advance(host));
    expect(await readClaim(school.schoolId, host)).toMatchObject({ state: "failed", reason: "dns_absent" });
    expect(await turns(school.cell, school.schoolId)).toEqual(["failed"]);
  });
});
