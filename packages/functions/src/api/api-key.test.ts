import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { createId } from "@lectern/core/kernel/id";
import { apiKeyTable } from "@lectern/core/people/api-key/api-key.sql";
import { Identity } from "@lectern/core/people/identity";
import { aSchool, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { type Call, caller, hostOf, signedIn } from "./testing/caller.ts";

const keyOf = async (call: Call, body: Record<string, unknown> = {}) => {
  const answer = await call("POST /api-keys", { body: { name: "Timetable", scopes: ["course.read"], ...body } });
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
  return answer.body as { id: string; key: string };
};
const using = (school: Route, key: string) => caller(hostOf(school), key);

test("a key can do what its scopes allow and nothing else its maker can do", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  const { key, id } = await keyOf(call, { scopes: ["course.read", "category.manage"] });
  expect(key).toMatch(/^lk_[0-9a-z]{26}_[\w-]{43}$/);
  const program = using(school, key);
  expect((await program("GET /courses")).status).toBe(200);
  expect((await program("POST /categories", { body: { name: "By a program" } })).status).toBe(201);
  for (const route of ["GET /users", "GET /audit", "GET /me", "GET /api-keys", "GET /settings"]) {
    expect([(await program(route)).status, route]).toEqual([403, route]);
  }
  expect((await program("POST /api-keys", { body: { name: "Mine", scopes: ["course.read"] } })).status).toBe(403);
  const listed = await call("GET /api-keys");
  expect(listed.body.items).toMatchObject([{ id, status: "active", scopes: ["course.read", "category.manage"] }]);
  expect(listed.body.items[0].lastUsedAt).not.toBeNull();
  expect(listed.text).not.toContain(key.slice(30));
});

test("the stored form is not a key, and altered, revoked, expired and other schools' keys are refused", async () => {
  const [school, other] = await Promise.all([aSchool(), aSchool()]);
  const { call } = await signedIn(school, ["owner"]);
  const { key, id } = await keyOf(call);
  const [row] = await asSystem(school, () => Db.use((tx) => tx.select().from(apiKeyTable)));
  // The secret may contain an underscore.
  expect(JSON.stringify(row)).not.toContain(key.slice(-43));
  const last = key.endsWith("A") ? "B" : "A";
  for (const wrong of [
    `${key.slice(0, -1)}${last}`,
    key.toUpperCase(),
    `${key}A`,
    `lk_${id.slice(4)}_${row?.secretHash}`,
  ]) {
    const refused = await using(school, wrong)("GET /courses");
    expect([refused.status, refused.body.code]).toEqual([401, "token.invalid"]);
  }
  expect((await using(other, key)("GET /courses")).status).toBe(401);
  expect((await using(school, key)("GET /courses")).status).toBe(200);
  expect((await call(`DELETE /api-keys/${id}`)).body).toEqual({ id, status: "revoked" });
  expect((await using(school, key)("GET /courses")).status).toBe(401);
  expect((await call(`DELETE /api-keys/${id}`)).body.code).toBe("key.revoked");
  const second = await keyOf(call);
  await asSystem(school, () => Db.use((tx) => tx.update(apiKeyTable).set({ expiresAt: new Date(Date.now() - 1) })));
  expect((await using(school, second.key)("GET /courses")).status).toBe(401);
});

test("a key never exceeds its maker: it loses the permissions they lose, and ends with their suspension", async () => {
  const school = await aSchool();
  const [owner, admin] = await Promise.all([signedIn(school, ["owner"]), signedIn(school, ["admin"])]);
  const { key } = await keyOf(admin.call, { scopes: ["user.read", "course.read"] });
  const program = using(school, key);
  expect((await program("GET /users")).status).toBe(200);
  await asUser(school, { roles: ["owner"], userId: owner.userId }, async () => {
    await Identity.grantRole({ userId: admin.userId, role: "learner" });
    await Identity.revokeRole({ userId: admin.userId, role: "admin" });
  });
  expect((await program("GET /users")).status).toBe(403);
  expect((await program("GET /courses")).status).toBe(200);
  await asUser(school, { roles: ["owner"], userId: owner.userId }, () => Identity.suspend({ userId: admin.userId }));
  expect((await program("GET /courses")).status).toBe(401);
});

test("pages may use a key only from the origins it lists", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  const page = "https://intranet.example";
  const { key } = await keyOf(call, { origins: [`${page}/`] });
  const { key: servers } = await keyOf(call, { name: "Servers" });
  const ask = (token: string, origin: string) => using(school, token)("GET /courses", { headers: { origin } });
  const preflight = async (origin: string) =>
    (await caller(hostOf(school))("OPTIONS /courses", { headers: { origin } })).headers.get(
      "access-control-allow-origin",
    );

  expect(await preflight(page)).toBe(page);
  expect(await preflight("https://evil.example")).toBeNull();
  expect(await preflight("http://intranet.example")).toBeNull();
  const allowed = await ask(key, page);
  expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([200, page]);
  for (const [token, origin] of [
    [key, "https://evil.example"],
    [servers, page],
    [key, `${page}:8443`],
  ] as const) {
    const refused = await ask(token, origin);
    expect([refused.status, refused.body.code]).toEqual([403, "key.origin_not_allowed"]);
    expect(refused.headers.has("access-control-allow-origin")).toBe(false);
  }
  const own = `http://${hostOf(school)}`;
  expect((await ask(servers, own)).headers.get("access-control-allow-origin")).toBe(own);
  // API keys must not open a person's token to other pages.
  const person = await call("GET /courses", { headers: { origin: page } });
  expect(person.headers.has("access-control-allow-origin")).toBe(false);
});

test("a key without name or scope, with too strong a scope, or with a malformed origin is refused in words", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  const make = (body: object) => call("POST /api-keys", { body });
  const fields = async (body: object) => (await make(body)).body.fields;
  expect(await fields({ name: " ", scopes: ["course.read"] })).toHaveProperty("name");
  expect(await fields({ name: "x", scopes: [] })).toEqual({ scopes: "Choose at least one thing the key may do." });
  for (const scope of ["integration.manage", "role.manage", "profile.manage", "nothing"])
    expect((await make({ name: "x", scopes: [scope] })).status).toBe(422);
  for (const origin of ["intranet.example", "http://intranet.example", "https://a.example/path", "null", "*"])
    expect(await fields({ name: "x", scopes: ["course.read"], origins: [origin] })).toHaveProperty(["origins.0"]);
  const { userId } = await aUser(school, { roles: ["instructor"] });
  expect(userId).toBeTruthy();
  expect((await (await signedIn(school, ["instructor"])).call("GET /api-keys")).status).toBe(403);
});

test("a key cannot grant a role above learner or set a password, even if an owner made it", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  const { key } = await keyOf(call, { scopes: ["user.manage", "user.invite", "user.read", "course.staff"] });
  const program = using(school, key);
  const password = "four plain unrelated words";
  const person = { givenName: "Mallory", notify: false };
  for (const role of ["owner", "admin", "instructor", "assistant", "moderator", "billing"]) {
    const made = await program("POST /users", { body: { ...person, email: `${role}@example.test`, roles: [role] } });
    expect([made.status, made.body.code, role]).toEqual([403, "role.not_yours", role]);
    const invited = await program("POST /invitations", { body: { email: `${role}@example.test`, roles: [role] } });
    expect([invited.status, invited.body.code, role]).toEqual([403, "role.not_yours", role]);
  }
  const withPassword = await program("POST /users", { body: { ...person, email: "p@example.test", password } });
  expect([withPassword.status, withPassword.body.code, withPassword.body.fields]).toEqual([
    403,
    "key.no_passwords",
    { password: expect.any(String) },
  ]);
  // Its permitted uses still work.
  expect((await program("POST /users", { body: { ...person, email: "l@example.test" } })).status).toBe(201);
  expect((await program("POST /invitations", { body: { email: "i@example.test" } })).status).toBe(201);
  // Nor may it resend an invitation or reinstate a person with a role that only a person may grant.
  const { body: open } = await call("POST /invitations", { body: { email: "t@example.test", roles: ["instructor"] } });
  expect((await program(`POST /invitations/${open.id}/resend`)).body.code).toBe("role.not_yours");
  const { userId } = await aUser(school, { roles: ["admin"] });
  expect((await program(`POST /users/${userId}/suspend`)).body.code).toBe("user.not_by_key");
  const { userId: learner } = await aUser(school, { roles: ["learner"] });
  expect((await program(`POST /users/${learner}/suspend`)).status).toBe(200);
  await call(`POST /users/${userId}/suspend`);
  expect((await program(`POST /users/${userId}/reinstate`)).body.code).toBe("role.not_yours");
  const { body: people } = await call("GET /users?role=owner");
  expect(people.items).toHaveLength(1);
});

test("revoking a key ends what it began", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  const { key, id } = await keyOf(call, { scopes: ["user.invite"] });
  const { body: byKey } = await using(school, key)("POST /invitations", { body: { email: "k@example.test" } });
  const { body: byOwner } = await call("POST /invitations", { body: { email: "o@example.test" } });
  const token = await asSystem(school, () => Identity.mintInvitation(byKey.id));
  expect((await call(`DELETE /api-keys/${id}`)).status).toBe(200);
  const refused = await caller(hostOf(school))("POST /invitations/open", { body: { token } });
  expect([refused.status, refused.body.code]).toEqual([410, "token.over"]);
  const { body: listed } = await call("GET /invitations?limit=10");
  expect(listed.items.map((each: { id: string; status: string }) => [each.id, each.status])).toEqual([
    [byOwner.id, "open"],
    [byKey.id, "revoked"],
  ]);
});

test("keys cannot manage domains, which would outlive the key", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  expect((await call("POST /api-keys", { body: { name: "DNS", scopes: ["domain.manage"] } })).status).toBe(422);
  // A key from before this rule.
  const { key, id } = await keyOf(call);
  await asSystem(school, () =>
    Db.use((tx) => tx.update(apiKeyTable).set({ scopes: ["domain.manage", "role.manage"] })),
  );
  const program = using(school, key);
  expect((await program("GET /domains")).status).toBe(403);
  const { userId } = await aUser(school, { roles: ["learner"] });
  expect((await program(`PUT /users/${userId}/roles/admin`)).status).toBe(403);
  expect(id).toBeTruthy();
});

test("only people who may enroll others in a course can invite to it: singly, by list or again", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["owner"]);
  const courseId = (await call("POST /courses", { body: { title: "Knots" } })).body.id;
  const invited = await call("POST /invitations", { body: { email: "a@example.test", courseId } });
  expect(invited.status).toBe(201);
  const missing = { email: "b@example.test", courseId: createId("course") };
  expect((await call("POST /invitations", { body: missing })).body.code).toBe("course.not_found");

  const attempts = (program: Call) =>
    Promise.all([
      program("POST /invitations", { body: { email: "c@example.test", courseId } }),
      program("POST /invitations/bulk", { body: { addresses: ["d@example.test"], courseId } }),
      program(`POST /invitations/${invited.body.id}/resend`),
    ]).then((answers) => answers.map(({ status }) => status));
  const inviting = await keyOf(call, { scopes: ["user.invite"] });
  expect(await attempts(using(school, inviting.key))).toEqual([403, 403, 403]);
  const both = await keyOf(call, { scopes: ["user.invite", "enrollment.manage"] });
  expect((await attempts(using(school, both.key))).every((status) => status < 300)).toBe(true);
});
