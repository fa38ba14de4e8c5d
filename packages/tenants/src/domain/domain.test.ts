import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { Db } from "@lectern/core/kernel/db";
import { Directory, HostItem, SchoolItem } from "@lectern/core/kernel/directory";
import { Audit } from "@lectern/core/people/audit";
import { Identity } from "@lectern/core/people/identity";
import { sql } from "drizzle-orm";
import { Resource } from "sst";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { School } from "../school/index.ts";
import { aSchool, asSystem, asUser, aUser } from "../testing/index.ts";
import { tracesOf } from "../testing/traces.ts";
import { readClaim, readHold } from "./claims.ts";
import { DomainItem } from "./domain.entity.ts";
import { Domain } from "./index.ts";
import { tenantNameOf } from "./proof.ts";
import { aHost, hurry, removeRecords, setRecord } from "./testing/index.ts";

vi.setConfig({ testTimeout: 60_000 });
afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const asAdmin = <T>(school: Route, work: () => Promise<T>) => asUser(school, { roles: ["admin"] }, work);
const add = (school: Route, host: string) => asAdmin(school, () => Domain.add({ host }));
const check = (school: Route, host: string) => asAdmin(school, () => Domain.check({ host }));
const remove = (school: Route, host: string) => asAdmin(school, () => Domain.remove({ host }));
const stateOf = async (school: Route, host: string) => (await asAdmin(school, () => Domain.read(host)))?.state;
const infoOf = async (school: Route, host: string) => {
  const info = await asAdmin(school, () => Domain.read(host));
  if (!info) throw new Error(`no ${host}`);
  return info;
};
/** Simulates elapsed time by changing the claim's timestamps. */
const age = (school: Route, host: string, set: Record<string, string | number>) =>
  DomainItem().patch({ schoolId: school.schoolId, host }).set(set).go();

async function point(school: Route, host: string): Promise<void> {
  for (const record of (await infoOf(school, host)).records) await setRecord(record);
}

async function anActive(school?: Route): Promise<{ school: Route; host: string }> {
  const mine = school ?? (await aSchool());
  const host = aHost();
  await add(mine, host);
  await point(mine, host);
  await hurry(mine, host);
  expect(await stateOf(mine, host)).toBe("active");
  return { school: mine, host };
}

const holderOf = async (host: string) => {
  Directory.forget((await HostItem().get({ host }).go({ consistent: true })).data?.schoolId ?? "");
  return (await Directory.byHost(host))?.schoolId;
};

async function tenantOf(school: Route, host: string) {
  const sdk = await Aws.cloudfront();
  const Identifier = tenantNameOf(school.schoolId, host);
  return sdk.client
    .send(new sdk.GetDistributionTenantCommand({ Identifier }))
    .then(({ DistributionTenant }) => DistributionTenant)
    .catch((error: Error) => {
      if (error.name === "EntityNotFound") return undefined;
      throw error;
    });
}

async function withoutNameServers(work: () => Promise<unknown>): Promise<void> {
  const { LocalCloud } = Resource;
  const real = LocalCloud?.dns ?? "";
  // No name server listens there.
  Object.assign(LocalCloud ?? {}, { dns: "127.0.0.1:9" });
  try {
    await work();
  } finally {
    Object.assign(LocalCloud ?? {}, { dns: real });
  }
}

const turnsOf = async ({ cell, schoolId }: Route) =>
  (
    await Catalog.use(cell, (tx) =>
      tx.execute<{ to: string }>(sql`select envelope->'data'->>'to' as to from bus.outbox
        where school_id = ${schoolId} and type = 'domain.turned' order by id`),
    )
  ).map(({ to }) => to);

describe("a school's own domain", () => {
  test("fails when its requester may no longer manage domains, and another admin may request it again", async () => {
    const school = await aSchool();
    const host = aHost();
    const { userId } = await aUser(school, { roles: ["admin"] });
    await asUser(school, { roles: ["admin"], userId }, () => Domain.add({ host }));
    await point(school, host);
    await asSystem(school, () => Identity.suspend({ userId }));
    await hurry(school, host);
    expect(await infoOf(school, host)).toMatchObject({ state: "failed", reason: "requester_gone" });
    await hurry(school, host); // its hold is released
    await check(school, host);
    await hurry(school, host);
    expect(await stateOf(school, host)).toBe("active");
  });

  test("goes from requested to active and only then becomes the school's host", async () => {
    const school = await aSchool();
    const host = aHost();
    const added = await add(school, host);
    expect(added).toMatchObject({ host, state: "requested", url: null, reason: null });
    expect(added.records).toEqual([
      { type: "CNAME", name: host, value: expect.stringMatching(/^[0-9a-f]{32}\.domains\.localhost$/) },
    ]);
    await hurry(school, host);
    expect(await infoOf(school, host)).toMatchObject({ state: "requested", reason: "dns_absent" });
    expect(await holderOf(host)).toBeUndefined();

    await point(school, host);
    const seen: string[] = [];
    for (const from = Date.now(); Date.now() - from < 30_000 && seen.at(-1) !== "active"; ) {
      await asSystem(school, () => Domain.advance(host));
      const state = (await stateOf(school, host)) ?? "";
      if (seen.at(-1) !== state) seen.push(state);
      if (state !== "active") expect(await holderOf(host)).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen).toEqual(["dns_ok", "cert_issued", "active"]);
    expect(await holderOf(host)).toBe(school.schoolId);
    expect(await infoOf(school, host)).toMatchObject({ reason: null, url: expect.stringContaining(`://${host}:`) });
    expect(await tenantOf(school, host)).toMatchObject({
      DistributionId: Resource.Domains.distributionId,
      ConnectionGroupId: Resource.Domains.connectionGroupId,
      Status: "Deployed",
      Customizations: { Certificate: { Arn: expect.stringContaining(":certificate/") } },
    });
    expect(await turnsOf(school)).toEqual(["active"]);
    const { items } = await asAdmin(school, () => Audit.list({ targetType: "domain" }));
    expect(items.map(({ action }) => action).sort()).toEqual(["domain.active", "domain.added"]);
  });

  test("at an apex is proven by its addresses and a TXT record", async () => {
    const school = await aSchool();
    const host = aHost().replace("learn.", "");
    await add(school, host);
    const { records, isApex } = await infoOf(school, host);
    expect(isApex).toBe(true);
    const text = records.find(({ type }) => type === "TXT");
    // A provider's flattened ALIAS looks like an address record.
    await setRecord({ type: "A", name: host, value: "127.0.0.1" });
    await hurry(school, host);
    expect(await infoOf(school, host)).toMatchObject({ state: "requested", reason: "dns_unproven" });
    await setRecord({ type: "TXT", name: text?.name ?? "", value: text?.value ?? "" });
    await check(school, host);
    await hurry(school, host);
    expect(await stateOf(school, host)).toBe("active");
  });

  test("may point here through other CNAMEs of its owner", async () => {
    const school = await aSchool();
    const host = aHost();
    await add(school, host);
    const [record] = (await infoOf(school, host)).records;
    await setRecord({ type: "CNAME", name: host, value: `web.${host}` });
    await setRecord({ type: "CNAME", name: `web.${host}`, value: record?.value ?? "" });
    await asSystem(school, () => Domain.follow(host, 30_000));
    expect(await stateOf(school, host)).toBe("active");
  });

  test("is removed at once and its tenant soon after, and may be added again", async () => {
    const { school, host } = await anActive();
    await remove(school, host);
    expect(await holderOf(host)).toBeUndefined();
    expect(await stateOf(school, host)).toBeUndefined();
    await expect(remove(school, host)).rejects.toMatchObject({ kind: "not_found", code: "domain.not_found" });
    await asSystem(school, () => Domain.takeDown(host, 30_000));
    expect(await tenantOf(school, host)).toBeUndefined();
    expect(await readHold(host)).toBeUndefined();
    expect(await readClaim(school.schoolId, host)).toBeUndefined();
    await add(school, host);
    await hurry(school, host);
    expect(await stateOf(school, host)).toBe("active");
  });

  test("is served again after its tenant was deleted by hand", async () => {
    const { school, host } = await anActive();
    const sdk = await Aws.cloudfront();
    const Identifier = tenantNameOf(school.schoolId, host);
    const { DistributionTenant, ETag } = await sdk.client.send(new sdk.GetDistributionTenantCommand({ Identifier }));
    const Id = DistributionTenant?.Id ?? "";
    const { DistributionId, ConnectionGroupId } = DistributionTenant ?? {};
    await sdk.client.send(
      new sdk.UpdateDistributionTenantCommand({
        ...{ Id, IfMatch: ETag, DistributionId, ConnectionGroupId, Domains: [{ Domain: host }] },
        Enabled: false,
      }),
    );
    await vi.waitFor(
      async () => {
        const { ETag: IfMatch } = await sdk.client.send(new sdk.GetDistributionTenantCommand({ Identifier }));
        await sdk.client.send(new sdk.DeleteDistributionTenantCommand({ Id, IfMatch }));
      },
      { timeout: 20_000, interval: 50 },
    );
    await age(school, host, { requestedAt: new Date(Date.now() - 100 * 86_400_000).toISOString() });
    await asSystem(school, () => Domain.advance(host));
    await hurry(school, host);
    expect(await stateOf(school, host)).toBe("active");
    expect(await tenantOf(school, host)).toMatchObject({ Enabled: true });
    expect(await holderOf(host)).toBe(school.schoolId);
  });

  test("is removed with its school, without a notification", async () => {
    const { school, host } = await anActive();
    await School.remove({ slug: school.slug });
    expect(await holderOf(host)).toBeUndefined();
    expect(await readClaim(school.schoolId, host)).toBeUndefined();
    expect(await tracesOf(school)).toEqual([]);
    await vi.waitFor(
      async () => {
        await Domain.advanceDue({ schoolId: school.schoolId });
        expect(await tenantOf(school, host)).toBeUndefined();
      },
      { timeout: 20_000, interval: 50 },
    );
    expect(await readHold(host)).toBeUndefined();
  });

  test("of a suspended school waits, without a notification", async () => {
    const school = await aSchool();
    const host = aHost();
    await add(school, host);
    await point(school, host);
    await SchoolItem().patch({ schoolId: school.schoolId }).set({ state: "suspended" }).go();
    Directory.forget(school.schoolId);
    await Domain.advanceDue({ schoolId: school.schoolId });
    expect((await readClaim(school.schoolId, host))?.state).toBe("requested");
    expect(Date.parse((await readClaim(school.schoolId, host))?.dueAt ?? "")).toBeGreaterThan(Date.now() + 600_000);
  });
});

describe("why a domain is blocked", () => {
  test("it points elsewhere", async () => {
    const school = await aSchool();
    const host = aHost();
    await add(school, host);
    await setRecord({ type: "CNAME", name: host, value: "sites.example.net" });
    await hurry(school, host);
    expect(await infoOf(school, host)).toMatchObject({
      reason: "dns_elsewhere",
      message: expect.stringContaining("sites.example.net"),
    });
  });

  test("its CAA record permits only other issuers", async () => {
    const school = await aSchool();
    const host = aHost();
    await add(school, host);
    await setRecord({ type: "CAA", name: host.replace("learn.", ""), value: '0 issue "letsencrypt.org"' });
    await point(school, host);
    await hurry(school, host);
    expect(await infoOf(school, host)).toMatchObject({ state: "requested", reason: "caa" });
    await setRecord({ type: "CAA", name: host.replace("learn.", ""), value: '0 issue "amazon.com"' });
    await hurry(school, host);
    expect(await stateOf(school, host)).toBe("active");
  });

  test("another CloudFront account has it", async () => {
    const school = await aSchool();
    const host = aHost();
    await add(school, host);
    await point(school, host);
    const sdk = await Aws.cloudfront();
    await sdk.client.send(
      new sdk.CreateDistributionTenantCommand({
        Name: `other-${Date.now()}`,
        DistributionId: Resource.Domains.distributionId,
        Domains: [{ Domain: host }],
      }),
    );
    await hurry(school, host);
    await asSystem(school, () => Domain.advance(host));
    expect(await infoOf(school, host)).toMatchObject({ state: "dns_ok", reason: "in_use_elsewhere" });
    expect(await holderOf(host)).toBeUndefined();
  });

  test("without a record it fails after three days, with one notification, and may be retried", async () => {
    const school = await aSchool();
    const host = aHost();
    await add(school, host);
    await hurry(school, host);
    await age(school, host, { requestedAt: new Date(Date.now() - Domain.giveUpMs - 1000).toISOString() });
    for (let turn = 0; turn < 6; turn++) await asSystem(school, () => Domain.advance(host));
    expect(await infoOf(school, host)).toMatchObject({ state: "failed", reason: "dns_absent" });
    expect(await turnsOf(school)).toEqual(["failed"]);
    expect(await asSystem(school, () => Domain.advance(host))).toBeUndefined();

    await point(school, host);
    expect(await check(school, host)).toMatchObject({ state: "requested", reason: null });
    await hurry(school, host);
    expect(await stateOf(school, host)).toBe("active");
    expect(await turnsOf(school)).toEqual(["failed", "active"]);
  });

  test("an active one points elsewhere: notified after three checks, recovers when the record returns, fails after a month", async () => {
    const { school, host } = await anActive();
    await removeRecords(host);
    const look = () => asSystem(school, () => Domain.advance(host));
    await look();
    await look();
    expect(await infoOf(school, host)).toMatchObject({ state: "active", lostAt: null });
    await look();
    await look();
    expect(await infoOf(school, host)).toMatchObject({
      state: "active",
      reason: "dns_moved",
      lostAt: expect.any(String),
    });
    expect(await turnsOf(school)).toEqual(["active", "lost"]);
    expect(await holderOf(host)).toBe(school.schoolId);

    await point(school, host);
    await look();
    expect(await infoOf(school, host)).toMatchObject({ state: "active", reason: null, lostAt: null });

    await removeRecords(host);
    for (let turn = 0; turn < 3; turn++) await look();
    await age(school, host, { lostAt: new Date(Date.now() - 31 * 86_400_000).toISOString() });
    for (let turn = 0; turn < 4; turn++) await look();
    expect(await infoOf(school, host)).toMatchObject({ state: "failed", reason: "dns_moved" });
    expect(await turnsOf(school)).toEqual(["active", "lost", "lost", "failed"]);
    expect(await holderOf(host)).toBeUndefined();
  });

  test("unavailable name servers prove nothing, either way", async () => {
    const { school, host } = await anActive();
    await withoutNameServers(async () => {
      for (let turn = 0; turn < 4; turn++) await asSystem(school, () => Domain.advance(host));
    });
    expect(await infoOf(school, host)).toMatchObject({ state: "active", lostAt: null });
    expect((await readClaim(school.schoolId, host))?.missing).toBeUndefined();
  });
});

describe("another owner's domain", () => {
  test("is not gained by claiming it, and a claim blocks no other school", async () => {
    const [thief, owner] = [await aSchool(), await aSchool()];
    const host = aHost();
    await add(thief, host);
    await add(owner, host);
    await point(owner, host);
    await Promise.all([hurry(thief, host), hurry(owner, host)]);
    expect(await stateOf(owner, host)).toBe("active");
    expect(await infoOf(thief, host)).toMatchObject({ state: "requested", reason: "dns_elsewhere" });
    expect(await holderOf(host)).toBe(owner.schoolId);
  });

  test("is not gained through a record that remains after its school removed it", async () => {
    const { school: owner, host } = await anActive();
    await remove(owner, host);
    const thief = await aSchool();
    await add(thief, host);
    for (let turn = 0; turn < 5; turn++) await asSystem(thief, () => Domain.advance(host));
    expect(await infoOf(thief, host)).toMatchObject({ state: "requested", reason: "dns_elsewhere" });
    expect(await holderOf(host)).toBeUndefined();
  });

  test("stays with its holder while both are proven, and changes hands with its records", async () => {
    const { school: first, host } = await anActive();
    const second = await aSchool();
    await add(second, host);
    await point(second, host);
    await hurry(second, host);
    expect(await stateOf(second, host)).toBe("active");
    expect(await holderOf(host)).toBe(second.schoolId);
    for (let turn = 0; turn < 4; turn++) await asSystem(first, () => Domain.advance(host));
    expect(await infoOf(first, host)).toMatchObject({ state: "failed", reason: "dns_moved" });
    expect(await holderOf(host)).toBe(second.schoolId);
    expect(await turnsOf(first)).toEqual(["active", "failed"]);
    // The former holder retries and does not get it back.
    await check(first, host);
    await hurry(first, host);
    expect(await stateOf(first, host)).toBe("requested");
    expect(await holderOf(host)).toBe(second.schoolId);
  });

  test("stays with its holder while name servers are unavailable", async () => {
    const { school: first, host } = await anActive();
    const second = await aSchool();
    await add(second, host);
    await point(second, host);
    await asSystem(second, () => Domain.advance(host));
    expect(await infoOf(second, host)).toMatchObject({ state: "dns_ok" });
    await withoutNameServers(() => asSystem(second, () => Domain.advance(host)));
    expect(await infoOf(second, host)).toMatchObject({ state: "dns_ok", reason: "taken" });
    expect(await stateOf(first, host)).toBe("active");
    expect(await holderOf(host)).toBe(first.schoolId);
    expect((await readHold(host))?.schoolId).toBe(first.schoolId);
  });

  test("with two TXT records, both proven, stays with the first school", async () => {
    const host = aHost().replace("learn.", "");
    const [first, second] = [await aSchool(), await aSchool()];
    await setRecord({ type: "A", name: host, value: "127.0.0.1" });
    for (const school of [first, second]) {
      await add(school, host);
      const text = (await infoOf(school, host)).apexRecords.find(({ type }) => type === "TXT");
      await setRecord({ type: "TXT", name: text?.name ?? "", value: text?.value ?? "" });
    }
    await hurry(first, host);
    for (let turn = 0; turn < 5; turn++) await asSystem(second, () => Domain.advance(host));
    expect(await stateOf(first, host)).toBe("active");
    expect(await infoOf(second, host)).toMatchObject({ state: "dns_ok", reason: "taken" });
    expect(await holderOf(host)).toBe(first.schoolId);
  });

  test("claimed by two schools concurrently becomes one school's", async () => {
    for (let round = 0; round < 2; round++) {
      const host = aHost().replace("learn.", "");
      const schools = [await aSchool(), await aSchool()];
      await setRecord({ type: "A", name: host, value: "127.0.0.1" });
      await Promise.all(schools.map((school) => add(school, host)));
      for (const school of schools) {
        const text = (await infoOf(school, host)).apexRecords.find(({ type }) => type === "TXT");
        await setRecord({ type: "TXT", name: text?.name ?? "", value: text?.value ?? "" });
      }
      // Two workers race for each claim; the loser retries until the other has finished.
      await Promise.all(
        [...schools, ...schools].map(async (school) => {
          const until = Date.now() + 30_000;
          for (let isOver = false; !isOver && Date.now() < until; ) {
            isOver = (await holderOf(host)) !== undefined;
            await hurry(school, host);
          }
        }),
      );
      const states = await Promise.all(schools.map((school) => stateOf(school, host)));
      expect(states.filter((state) => state === "active")).toHaveLength(1);
      expect(await holderOf(host)).toBe(schools[states.indexOf("active")]?.schoolId);
    }
  });
});

describe("permissions and limits", () => {
  test("only admins", async () => {
    const { school, host } = await anActive();
    for (const roles of [["learner"], ["instructor"], ["moderator"], ["billing"]] as const)
      await asUser(school, { roles }, async () => {
        for (const act of [() => Domain.list(), () => Domain.add({ host }), () => Domain.remove({ host })])
          await expect(act()).rejects.toMatchObject({ kind: "forbidden" });
      });
  });

  test("another school's is not found", async () => {
    const { host } = await anActive();
    const other = await aSchool();
    for (const act of [check, remove])
      await expect(act(other, host)).rejects.toMatchObject({ kind: "not_found", code: "domain.not_found" });
    expect((await asAdmin(other, () => Domain.list())).items).toEqual([]);
    expect(await holderOf(host)).toBeDefined();
  });

  test("concurrent adds do not exceed the limit", async () => {
    const school = await aSchool();
    const hosts = Array.from({ length: Domain.maxPerSchool + 4 }, aHost);
    const [same = ""] = hosts;
    const added = await Promise.allSettled([...hosts, same, same].map((host) => add(school, host)));
    const refused = added.flatMap((each) => (each.status === "rejected" ? [each.reason.code] : []));
    expect(added.length - refused.length).toBe(Domain.maxPerSchool);
    expect(refused.filter((code) => code !== "domain.too_many" && code !== "domain.exists")).toEqual([]);
    expect((await asAdmin(school, () => Domain.list())).items).toHaveLength(Domain.maxPerSchool);
    // Adding in another school does not wait.
    await add(await aSchool(), aHost());
  });

  test("a duplicate and a sixth domain are refused without a trace", async () => {
    const school = await aSchool();
    const hosts = Array.from({ length: Domain.maxPerSchool }, aHost);
    for (const host of hosts) await add(school, host);
    const [first = ""] = hosts;
    await expect(add(school, first.toUpperCase())).rejects.toMatchObject({ kind: "conflict", code: "domain.exists" });
    await expect(add(school, aHost())).rejects.toMatchObject({ kind: "conflict", code: "domain.too_many" });
    await expect(add(school, "https://x")).rejects.toMatchObject({
      kind: "invalid",
      fields: { host: expect.any(String) },
    });
    expect((await asAdmin(school, () => Domain.list())).items.map(({ host }) => host)).toEqual(hosts.toSorted());
    // A domain in release frees its place at once, although its claim exists until the tenant is deleted.
    await remove(school, first);
    await add(school, aHost());
    expect(await readClaim(school.schoolId, first)).toMatchObject({ removed: true });
    await expect(add(school, aHost())).rejects.toMatchObject({ code: "domain.too_many" });
  });

  test("added twice concurrently, it exists once, with one event", async () => {
    const school = await aSchool();
    const host = aHost();
    const results = await Promise.allSettled([add(school, host), add(school, host), add(school, host)]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const [row] = await Catalog.use(school.cell, (tx) =>
      tx.execute<{ count: number }>(sql`select count(*)::int as count from bus.outbox
        where school_id = ${school.schoolId} and type = 'domain.requested'`),
    );
    expect(row?.count).toBe(1);
  });
});
