import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { Catalog } from "@lectern/tenants/catalog";
import { Domain } from "@lectern/tenants/domain";
import { Provision } from "@lectern/tenants/provision";
import { School } from "@lectern/tenants/school";
import { aSchool, asUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Call, caller, hostOf, signedIn } from "../api/testing/caller.ts";
import { isRedirectOf } from "../auth/redirects.ts";
import { Visitor } from "../auth/visitor.ts";
import { observeSteps } from "../event/steps.ts";
import { type InboxMail, ownCloud, settle } from "../event/testing/own-cloud.ts";

// From the admin's call to the visitor on the school's own domain, on real queues, with the test as relay and worker.

vi.setConfig({ testTimeout: 90_000 });
let cloud: Awaited<ReturnType<typeof ownCloud>>;
beforeAll(async () => {
  cloud = await ownCloud({ "mail/settle-seconds": "2" });
  await Provision.refill({ target: 4 });
}, 90_000);
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
});
afterEach(() => observeSteps(undefined));

let count = 0;
const aHost = () => `learn.f-${Date.now()}-${count++}.localhost`;
const port = () => Resource.Platform.domain.split(":")[1];
const mailsTo = async (email: string): Promise<InboxMail[]> =>
  (await cloud.mails()).filter(({ to }) => to.some((each) => each.includes(email)));

const dns = (form: Record<string, string>) =>
  fetch(`${Resource.LocalCloud?.endpoints.cloudfront}/dns`, {
    method: "POST",
    body: new URLSearchParams(form),
    redirect: "manual",
  });

async function anActive(school: Route, call: Call): Promise<string> {
  const host = aHost();
  const { body } = await call("POST /domains", { body: { host } });
  for (const record of body.records) await dns({ intent: "set", ...record });
  await settle();
  expect((await call("GET /domains")).body.items).toMatchObject([{ host, state: "active" }]);
  Directory.forget(school.schoolId);
  return host;
}

describe("a domain of a school's own", () => {
  test("is entered, proven, told of by mail, used, and let go by the API", async () => {
    const school = await aSchool({ name: "Harbour" });
    const admin = await signedIn(school, ["admin"]);
    const host = aHost();
    expect((await admin.call("GET /domains")).body).toEqual({ items: [] });
    const added = await admin.call("POST /domains", { body: { host } });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({ host, state: "requested", url: null, requestedBy: admin.userId });
    await settle();
    expect((await admin.call("GET /domains")).body.items).toMatchObject([{ state: "requested", reason: "dns_absent" }]);
    expect((await caller(`${host}:${port()}`)("GET /school")).status).toBe(404);

    for (const record of added.body.records) await dns({ intent: "set", ...record });
    expect((await admin.call(`POST /domains/${host}/check`)).status).toBe(202);
    await settle();
    expect((await admin.call("GET /domains")).body.items).toMatchObject([
      { state: "active", reason: null, url: `http://${host}:${port()}/` },
    ]);
    const mails = await mailsTo(admin.email);
    expect(mails.map(({ subject }) => subject)).toEqual([`${host} leads to Harbour`]);
    expect(mails[0]?.text).toContain(`http://${host}:${port()}/`);
    // On its own domain the school answers as on its subdomain, the same token included.
    const own = caller(`${host}:${port()}`, admin.token);
    expect((await own("GET /school")).body).toMatchObject({ schoolId: school.schoolId });
    expect((await own("GET /me")).status).toBe(200);

    expect((await admin.call(`DELETE /domains/${host}`)).status).toBe(204);
    expect((await own("GET /school")).status).toBe(404);
    expect((await admin.call("GET /domains")).body).toEqual({ items: [] });
    expect((await admin.call(`DELETE /domains/${host}`)).body.code).toBe("domain.not_found");
    await settle();
  });

  test("every step of its reaction may be the last: the mail leaves once", async () => {
    const school = await aSchool();
    const admin = await signedIn(school, ["admin"]);
    const host = aHost();
    const { body } = await admin.call("POST /domains", { body: { host } });
    for (const record of body.records) await dns({ intent: "set", ...record });
    let killed = 0;
    observeSteps((step) => {
      if (step.startsWith("domain-") && killed < 2) {
        killed += 1;
        throw new Error(`killed at ${step}`);
      }
    });
    await settle();
    observeSteps(undefined);
    await settle();
    expect(killed).toBe(2);
    expect((await admin.call("GET /domains")).body.items).toMatchObject([{ state: "active" }]);
    expect(await mailsTo(admin.email)).toHaveLength(1);
  });

  test("that is given up is told of, with the reason; tried again and active, it is told of anew", async () => {
    const school = await aSchool();
    const admin = await signedIn(school, ["admin"]);
    const host = aHost();
    await admin.call("POST /domains", { body: { host } });
    await dns({ intent: "set", name: host, type: "CNAME", value: "sites.example.net" });
    await settle();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + Domain.giveUpMs + 60_000 });
    try {
      for (let turn = 0; turn < 4; turn++) await Domain.advanceDue();
    } finally {
      vi.useRealTimers();
    }
    await settle();
    const [mail] = await mailsTo(admin.email);
    expect(mail?.subject).toBe(`${host} could not be connected`);
    // The name of another place is text: an invisible break keeps mail clients from linking it.
    expect(mail?.text.replaceAll("\u200b", "")).toContain("sites.example.net");
    expect((await admin.call("GET /domains")).body.items).toMatchObject([{ state: "failed", reason: "dns_elsewhere" }]);
  });

  test("is refused with words for its field", async () => {
    const { call } = await signedIn(await aSchool(), ["owner"]);
    for (const [host, code] of [
      ["https://learn.example.edu/", "domain.address"],
      ["192.0.2.1", "domain.ip"],
      [`x.${Resource.Platform.domain.split(":")[0]}`, "domain.platform"],
      ["lеarn.example.edu", "domain.lookalike"],
    ]) {
      const answer = await call("POST /domains", { body: { host } });
      expect(answer).toMatchObject({ status: 422, body: { code, fields: { host: expect.any(String) } } });
    }
    for (const host of ["nobody.example.edu", "%00", "a%2Fb", "..", "%E2%80%AE.edu"])
      expect((await call(`DELETE /domains/${host}`)).status).toBeGreaterThanOrEqual(404);
  });
});

describe("pages on a school's own domain", () => {
  test("may call the API of their school, on either host; another school's may not", async () => {
    const school = await aSchool();
    const other = await aSchool();
    const { call, token } = await signedIn(school, ["admin"]);
    const host = await anActive(school, call);
    const origin = `http://${host}:${port()}`;
    for (const at of [hostOf(school), `${host}:${port()}`]) {
      const answer = await caller(at, token)("GET /me", { headers: { origin } });
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    }
    const foreign = await caller(hostOf(other))("GET /school", { headers: { origin } });
    expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
    for (const wrong of [`https://${host}:${port()}`, `http://${host}`, `http://${host}:1`]) {
      const answer = await caller(hostOf(school), token)("GET /me", { headers: { origin: wrong } });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
    await call(`DELETE /domains/${host}`);
    const gone = await caller(hostOf(school), token)("GET /me", { headers: { origin } });
    expect(gone.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("sign people in: the code returns there, for this school only, and only while it is active", async () => {
    const school = await aSchool();
    const other = await aSchool();
    const { call } = await signedIn(school, ["admin"]);
    const host = await anActive(school, call);
    const redirect_uri = `http://${host}:${port()}/auth/callback`;
    expect(await isRedirectOf(school, redirect_uri)).toBe(true);
    expect(await isRedirectOf(other, redirect_uri)).toBe(false);
    for (const wrong of [
      `https://${host}:${port()}/auth/callback`,
      `http://${host}/auth/callback`,
      `http://${host}:${port()}/auth/callback/`,
      `http://${host}:${port()}/auth/callback?x`,
      `http://${host.toUpperCase()}:${port()}/auth/callback`,
      `http://me@${host}:${port()}/auth/callback`,
      `http://x.${host}:${port()}/auth/callback`,
      `http://${host}.:${port()}/auth/callback`,
      "http://other.example.edu/auth/callback",
    ])
      expect([wrong, await isRedirectOf(school, wrong)]).toEqual([wrong, false]);

    const visitor = new Visitor(school);
    const page = await visitor.go(await visitor.begin({ redirect_uri }));
    expect(page.status).toBe(200);
    // The browser follows the form to that host only because the page says so.
    expect(page.headers.get("content-security-policy")).toContain(`form-action 'self' `);
    expect(page.headers.get("content-security-policy")).toMatch(
      new RegExp(`form-action [^;]*http://${host}:${port()}`),
    );
    const stranger = new Visitor(other);
    const refused = await stranger.go(`/authorize?${stranger.request({ redirect_uri })}`);
    expect(refused.status).toBe(422);
    expect(refused.headers.get("location")).toBeNull();

    const flow = await visitor.begin({ redirect_uri });
    await asUser(school, { roles: ["admin"] }, () => Domain.remove({ host }));
    expect((await visitor.go(flow)).status).toBe(410);
    expect(await isRedirectOf(school, redirect_uri)).toBe(false);
  });

  test("insist on https for themselves alone: what stands beside them is not ours", async () => {
    const school = await aSchool();
    const { call } = await signedIn(school, ["admin"]);
    const host = await anActive(school, call);
    const { protocol } = Resource.Platform;
    const said = async (at: string) => (await caller(at)("GET /school")).headers.get("strict-transport-security");
    expect(await said(`${host}:${port()}`)).toBeNull();
    Object.assign(Resource.Platform, { protocol: "https" });
    try {
      expect(await said(`${host}:${port()}`)).toBe("max-age=2592000");
      expect(await said(hostOf(school))).toBe("max-age=31536000; includeSubDomains");
    } finally {
      Object.assign(Resource.Platform, { protocol });
    }
  });

  test("are paused with their school", async () => {
    const school = await aSchool();
    const { call } = await signedIn(school, ["admin"]);
    const host = await anActive(school, call);
    await School.suspend({ slug: school.slug, reason: "test" });
    expect((await caller(`${host}:${port()}`)("GET /school")).body.code).toBe("school.suspended");
    await School.resume({ slug: school.slug });
    expect((await caller(`${host}:${port()}`)("GET /school")).status).toBe(200);
  });
});
