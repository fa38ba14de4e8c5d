import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { withActor } from "@lectern/core/kernel/actor";
import { SchoolItem } from "@lectern/core/kernel/directory";
import { fn } from "@lectern/core/kernel/fn";
import { Permission } from "@lectern/core/kernel/permission";
import { Session } from "@lectern/core/people/identity";
import { aSchool } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { expect, test } from "vitest";
import * as z from "zod";
import { createApp } from "./app.ts";
import { endpoint } from "./endpoint.ts";
import { Api } from "./index.ts";
import { limits } from "./limits.ts";
import { caller, hostOf, signedIn, visitor } from "./testing/caller.ts";

test("every route names its permission and its limit, and the permission is that of the function it calls", () => {
  expect(Api.findings()).toEqual([]);
  expect(Api.endpoints.length).toBeGreaterThan(80);
});

// Planted faults prove that the check above finds anything.
test("a route with a wrong permission, without one, or without a declaration is found", () => {
  const [first] = Api.endpoints;
  if (!first) throw new Error("there are no routes");
  const lying = { ...first, permission: "course.delete" as const };
  const silent = { ...first, path: "/quiet", name: "GET /quiet", rateLimit: { ...first.rateLimit, bucket: "" } };
  expect(Api.findings([lying])).toEqual([expect.stringContaining("declares course.delete")]);
  expect(Api.findings([silent])).toEqual([expect.stringContaining("names no rate limit")]);
  const app = createApp([first]);
  app.get("/api/v1/backdoor", (c) => c.text("open"));
  expect(Api.findingsOf([first], app.routes)).toEqual(["GET /api/v1/backdoor: is not declared through endpoint()"]);
});

test("a route cannot call the platform's own work", () => {
  const purge = fn.system("a schedule", z.object({}), async () => ({}));
  const list = fn.operator("a command", z.object({}), async () => ({}));
  const route = {
    method: "post",
    path: "/purge",
    tag: "Platform",
    summary: "Purge",
    permission: Permission.none("planted"),
    rateLimit: limits.openSchool,
    responses: { 204: { description: "Done." } },
    run: async () => undefined,
  } as const;
  // @ts-expect-error: only the platform may call it.
  expect(endpoint({ ...route, calls: purge }).calls).toBe(purge);
  // @ts-expect-error: only an operator may call it.
  expect(endpoint({ ...route, calls: list }).calls).toBe(list);
  const anyone = fn.public("planted", z.object({}), async () => ({}));
  expect(endpoint({ ...route, calls: anyone }).calls).toBe(anyone);
});

test("a request id that is well formed is kept, any other is replaced, and refusals carry it", async () => {
  const school = await aSchool();
  const call = visitor(school);
  const kept = await call("GET /me", { headers: { "x-request-id": "trace-0123456789" } });
  expect(kept.headers.get("x-request-id")).toBe("trace-0123456789");
  expect(kept.body).toEqual({ code: "auth.required", message: "Please sign in first.", requestId: "trace-0123456789" });
  const made = await call("GET /me", { headers: { "x-request-id": "<script>" } });
  expect(made.headers.get("x-request-id")).toMatch(/^req_/);
});

test("an unknown host is not found, and never a default school", async () => {
  const answer = await caller("nobody-has-this.localhost")("GET /school");
  expect(answer.status).toBe(404);
  expect(answer.body.code).toBe("school.not_found");
});

test("the edge's host counts, not the client's", async () => {
  const [one, other] = await Promise.all([aSchool({ name: "One" }), aSchool({ name: "Other" })]);
  const answer = await visitor(one)("GET /school", { headers: { "x-forwarded-host": hostOf(other) } });
  expect(answer.body.name).toBe("Other");
});

test("a suspended school answers 503 and says nothing else", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  await SchoolItem().patch({ schoolId: school.schoolId }).set({ state: "suspended" }).go();
  const answer = await caller(hostOf({ ...school }), undefined)("GET /school");
  expect([answer.status, answer.body.code]).toEqual([503, "school.suspended"]);
  expect((await call("GET /me")).status).toBe(503);
});

test("a token of another school, a forged, a malformed and a revoked one are 401", async () => {
  const [school, other] = await Promise.all([aSchool(), aSchool()]);
  const [mine, theirs] = await Promise.all([signedIn(school, ["owner"]), signedIn(other, ["owner"])]);
  const call = visitor(school);
  const [head = "", payload = "", signature = ""] = mine.token.split(".");
  const none = Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url");
  const forged = [
    theirs.token,
    `${head}.${payload}.${signature.slice(0, -4)}AAAA`,
    `${none}.${payload}.`,
    "not-a-token-at-all-really",
    "",
  ];
  for (const token of forged) {
    const answer = await call("GET /me", { headers: { authorization: `Bearer ${token}` } });
    expect([answer.status, answer.body.code]).toEqual([401, "token.invalid"]);
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  }
  expect((await mine.call("GET /me")).status).toBe(200);
  expect((await mine.call("DELETE /me/sessions")).status).toBe(200);
  expect((await mine.call("GET /me")).status).toBe(401);
});

// Browsers send the session cookie automatically; if the API accepted it, any page could act here.
test("the web's session cookie is not accepted", async () => {
  const school = await aSchool();
  const { userId } = await signedIn(school, ["learner"]);
  const { cookie } = await withActor({ type: "public", school, requestId: "test-request" }, () =>
    Session.create({ userId }),
  );
  const headers = { cookie: `__Host-session=${cookie}; session=${cookie}` };
  expect((await visitor(school)("GET /me", { headers })).status).toBe(401);
});

test("CORS allows only the school's own host", async () => {
  const [school, other] = await Promise.all([aSchool(), aSchool()]);
  const call = visitor(school);
  const own = `http://${hostOf(school)}`;
  const allowed = await call("GET /school", { headers: { origin: own } });
  expect(allowed.headers.get("access-control-allow-origin")).toBe(own);
  expect(allowed.headers.get("vary")).toContain("Origin");
  const preflight = await call("OPTIONS /courses", { headers: { origin: own } });
  expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([
    204,
    "GET, HEAD, OPTIONS, POST",
  ]);
  const strangers = [`http://${hostOf(other)}`, `https://${hostOf(school)}`, "http://evil.example", "null", `${own}:9`];
  for (const origin of strangers) {
    const refused = await call("OPTIONS /courses", { headers: { origin } });
    expect(refused.headers.has("access-control-allow-origin")).toBe(false);
  }
});

test("long answers are compressed in br and gzip, short ones are not", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  for (const [encoding, unpack] of [
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
  ] as const) {
    const response = await Api.app().request(`http://${hostOf(school)}/api/v1/openapi.json`, {
      headers: { host: hostOf(school), "accept-encoding": encoding },
    });
    expect(response.headers.get("content-encoding")).toBe(encoding);
    expect(response.headers.get("vary")).toContain("Accept-Encoding");
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(JSON.parse(unpack(bytes).toString()).openapi).toBe("3.1.0");
    const again = await Api.app().request(`http://${hostOf(school)}/api/v1/openapi.json`, {
      headers: { host: hostOf(school), "if-none-match": response.headers.get("etag") ?? "" },
    });
    expect(again.status).toBe(304);
  }
  const short = await call("GET /notifications/unread", { headers: { "accept-encoding": "br, gzip" } });
  expect(short.headers.has("content-encoding")).toBe(false);
});

test("unreadable bodies are refused with the matching status", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  const post = (raw: string, headers: Record<string, string> = {}) => call("POST /categories", { raw, headers });
  expect((await post('{"name":')).status).toBe(400);
  expect((await post("name=x", { "content-type": "application/x-www-form-urlencoded" })).status).toBe(415);
  expect((await post(`{"name":"${"x".repeat(1024 * 1024)}"}`)).status).toBe(413);
  expect((await post('{"name":"nul \\u0000"}')).status).toBe(422);
  expect((await post('{"name":"half \\ud800"}')).status).toBe(422);
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const deep = await post(`{"name":"x","context":${open.repeat(6_000)}1${close.repeat(6_000)}}`);
    expect([deep.status, deep.body.code]).toEqual([422, "request.too_deep"]);
  }
  expect((await post(`{"name":"${"[".repeat(60)}"}`)).status).toBe(201);
  const invalid = await post('{"name":""}');
  expect([invalid.status, invalid.body.code, invalid.body.fields]).toEqual([
    422,
    "input.invalid",
    { name: "A category needs a name." },
  ]);
  const wrong = await call("PUT /categories", { body: {} });
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS, POST"]);
  expect((await call("GET /no/such/thing")).body.code).toBe("route.not_found");
  expect((await call("GET /courses/%2e%2e%2fetc")).status).toBe(404);
});

test("HEAD answers like GET without the body", async () => {
  const school = await aSchool();
  const answer = await visitor(school)("HEAD /school");
  expect([answer.status, answer.text]).toEqual([200, ""]);
  expect(answer.headers.has("etag")).toBe(true);
});

test("health reports each dependency, on any host", async () => {
  const live = await caller("anything.example")("GET /health");
  expect(live.body).toMatchObject({ status: "ok", release: "dev" });
  const ready = await caller("anything.example")("GET /health/ready");
  expect(ready.status).toBe(200);
  const names = ready.body.checks.map((check: { name: string }) => check.name);
  expect(names).toEqual(expect.arrayContaining(["dynamodb", "s3", "sqs", "eventbridge", "ses"]));
  expect(names.filter((name: string) => name.startsWith("postgres:")).length).toBe(3);
});

test("the platform's operations are on its host only, those of schools on theirs only", async () => {
  const school = await aSchool();
  const platform = caller(Resource.Platform.domain);
  expect((await platform("GET /school")).status).toBe(404);
  expect((await visitor(school)("GET /schools/addresses/free-one")).status).toBe(404);
  expect((await platform("GET /schools/addresses/admin")).body).toMatchObject({ ok: false, code: "slug.reserved" });
  expect((await platform(`GET /schools/addresses/${school.slug}`)).body.code).toBe("school.slug_taken");
});

test("only callers of the local stage see the number of statements", async () => {
  const school = await aSchool();
  const { token } = await signedIn(school, ["owner"]);
  const told = await caller(hostOf(school), token)("GET /categories");
  expect(told.headers.get("x-lectern-queries")).toBe("1");
  const silent = await caller(hostOf(school), token, true)("GET /categories");
  expect(silent.headers.has("x-lectern-queries")).toBe(false);
});

test("a school with 200 requests in progress is refused more, and other schools are not", async () => {
  const [school, other] = await Promise.all([aSchool(), aSchool()]);
  const open = async (of: typeof school) => (await visitor(of)("GET /school")).status;
  expect([await open(school), await open(other)]).toEqual([200, 200]);
  let reading = 0;
  const bodies: ReadableStreamDefaultController[] = [];
  // An unfinished body keeps a request in progress.
  const hold = () =>
    Api.app().request(
      new Request(`http://${hostOf(school)}/api/v1/registration/verification`, {
        method: "POST",
        headers: {
          host: hostOf(school),
          "content-type": "application/json",
          "x-lectern-local": Resource.LocalCloud?.localKey ?? "",
        },
        body: new ReadableStream(
          { start: (body) => void bodies.push(body), pull: () => void reading++ },
          { highWaterMark: 0 },
        ),
        duplex: "half",
      }),
    );
  const held = Array.from({ length: 199 }, hold);
  await expect.poll(() => reading, { timeout: 30_000 }).toBe(199);
  expect(await open(school)).toBe(200);
  held.push(hold());
  await expect.poll(() => reading, { timeout: 30_000 }).toBe(200);
  const refused = await visitor(school)("GET /school");
  expect([refused.status, refused.body.code, refused.headers.get("retry-after")]).toEqual([429, "school.busy", "1"]);
  expect(await open(other)).toBe(200);
  for (const body of bodies) body.close();
  expect(new Set((await Promise.all(held)).map(({ status }) => status))).toEqual(new Set([400]));
  expect(await open(school)).toBe(200);
});
