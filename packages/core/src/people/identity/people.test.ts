import { type Route, type UserActor, withActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import type { Role } from "@lectern/core/kernel/permission";
import { Course } from "@lectern/core/learn/course";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Audit } from "@lectern/core/people/audit";
import { Identity, Session, Token } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { eq, sql } from "drizzle-orm";
import { afterEach, expect, test, vi } from "vitest";
import { invitationTable } from "./identity.sql.ts";
import { Rights } from "./rights.ts";
import { userTable } from "./user.sql.ts";

afterEach(() => void vi.useRealTimers());

const signedIn = async (school: Route, roles: readonly Role[]) => {
  const { userId, email } = await aUser(school, { roles });
  const { cookie } = await asPublic(school, () => Session.create({ userId }));
  const resolve = () => asPublic(school, () => Session.resolve(cookie));
  return { userId, email, cookie, resolve, actor: (await resolve()) as UserActor };
};

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? error,
  );

test("a role given or taken is felt by the next request of this process, and elsewhere within half a minute", async () => {
  const school = await aSchool();
  const learner = await signedIn(school, ["learner"]);
  expect(learner.actor.permissions.has("course.create")).toBe(false);
  await asSystem(school, () => Identity.grantRole({ userId: learner.userId, role: "instructor" }));
  expect((await learner.resolve())?.permissions.has("course.create")).toBe(true);
  await asSystem(school, () => Identity.revokeRole({ userId: learner.userId, role: "instructor" }));
  expect((await learner.resolve())?.permissions.has("course.create")).toBe(false);
  expect(Rights.rememberMs).toBeLessThanOrEqual(30_000);
  expect(Session.rememberMs).toBeLessThanOrEqual(30_000);
});

test("another process forgets a role and a session within a minute", async () => {
  const school = await aSchool();
  const learner = await signedIn(school, ["learner"]);
  const admin = await signedIn(school, ["admin"]);
  // Behind this process's back, as another one would do it.
  await asSystem(school, () =>
    Db.use((tx) => tx.update(userTable).set({ status: "suspended" }).where(eq(userTable.id, learner.userId))),
  );
  const { SessionItem } = await import("./session.entity.ts");
  await SessionItem.asPlatform(school.table)
    .delete({ schoolId: school.schoolId, userId: admin.userId, sessionId: admin.actor.sessionId })
    .go();
  expect(await learner.resolve()).toBeDefined();
  expect(await admin.resolve()).toBeDefined();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
  expect(await learner.resolve()).toBeUndefined();
  expect(await admin.resolve()).toBeUndefined();
});

test("suspension ends sessions and tokens, refuses new ones, and is undone by reinstating", async () => {
  const school = await aSchool();
  const learner = await signedIn(school, ["learner"]);
  const { accessToken } = await asPublic(school, () => Token.issue({ userId: learner.userId }));
  expect(await Token.verify(accessToken, school)).toMatchObject({ userId: learner.userId });
  await asUser(school, { roles: ["admin"] }, () => Identity.suspend({ userId: learner.userId }));
  expect(await learner.resolve()).toBeUndefined();
  expect(await codeOf(Token.verify(accessToken, school))).toBe("token.invalid");
  expect(await codeOf(asPublic(school, () => Token.issue({ userId: learner.userId })))).toBe("user.not_found");
  await asUser(school, { roles: ["admin"] }, () => Identity.reinstate({ userId: learner.userId }));
  expect(await learner.resolve()).toBeUndefined();
  const again = await asPublic(school, () => Session.create({ userId: learner.userId }));
  expect(await asPublic(school, () => Session.resolve(again.cookie))).toBeDefined();
});

test("a suspended person is told so only after the right password", async () => {
  const school = await aSchool();
  const password = "four plain unrelated words";
  const { id } = await asSystem(school, () =>
    Identity.create({ email: "ada@example.test", givenName: "Ada", password }),
  );
  await asSystem(school, () => Identity.suspend({ userId: id }));
  const check = (word: string) =>
    asPublic(school, () => Identity.checkPassword({ email: "ada@example.test", password: word }));
  expect(await codeOf(check("not the right password"))).toBe("auth.wrong_credentials");
  expect(await codeOf(check(password))).toBe("user.suspended");
});

test("nobody raises anyone above themselves, and an admin does not touch an owner", async () => {
  const school = await aSchool();
  const owner = await signedIn(school, ["owner"]);
  const admin = await signedIn(school, ["admin"]);
  const learner = await signedIn(school, ["learner"]);
  const asAdmin = (work: () => Promise<unknown>) => codeOf(withActor(admin.actor, work));
  const asLearner = (work: () => Promise<unknown>) => codeOf(withActor(learner.actor, work));
  const [them, me] = [{ userId: owner.userId }, { userId: admin.userId }];

  expect(await asAdmin(() => Identity.grantRole({ ...me, role: "owner" }))).toBe("role.above_you");
  expect(await asAdmin(() => Identity.grantRole({ userId: learner.userId, role: "owner" }))).toBe("role.above_you");
  expect(await asAdmin(() => Identity.revokeRole({ ...them, role: "owner" }))).toBe("user.above_you");
  expect(await asAdmin(() => Identity.suspend(them))).toBe("user.above_you");
  expect(await asAdmin(() => Identity.update({ ...them, givenName: "Evil" }))).toBe("user.above_you");
  expect(await asAdmin(() => Identity.invite({ email: "x@example.test", roles: ["owner"] }))).toBe("role.above_you");
  expect(await asAdmin(() => Identity.invite({ email: owner.email, roles: ["learner"] }))).toBe("user.above_you");
  expect(await asAdmin(() => Identity.create({ email: "y@example.test", givenName: "Y", roles: ["owner"] }))).toBe(
    "role.above_you",
  );
  expect(await asAdmin(() => Identity.suspend(me))).toBe("user.self_suspend");
  expect(await asAdmin(() => Identity.grantRole({ userId: learner.userId, role: "admin" }))).toBe("done");
  await asSystem(school, () => Identity.revokeRole({ userId: learner.userId, role: "admin" }));

  expect(await asLearner(() => Identity.grantRole({ userId: learner.userId, role: "admin" }))).toBe(
    "permission.denied",
  );
  expect(await asLearner(() => Identity.list({}))).toBe("permission.denied");
  expect(await asLearner(() => Identity.get(them))).toBe("permission.denied");
  expect(await asLearner(() => Identity.createOwner({ email: "z@example.test", givenName: "Z" }))).toBe(
    "permission.denied",
  );
  expect(await codeOf(asPublic(school, () => Identity.me()))).toBe("auth.required");
});

test("the last owner stays, even when two owners remove each other at the same moment", async () => {
  const school = await aSchool();
  const one = await signedIn(school, ["owner"]);
  const revoke = (by: UserActor, userId: string) => withActor(by, () => Identity.revokeRole({ userId, role: "owner" }));
  expect(await codeOf(revoke(one.actor, one.userId))).toBe("user.last_owner");
  const two = await signedIn(school, ["owner"]);
  const outcomes = await Promise.all([codeOf(revoke(one.actor, two.userId)), codeOf(revoke(two.actor, one.userId))]);
  expect(outcomes.sort()).toEqual(["done", "user.last_owner"]);
  const owners = await asSystem(school, () => Identity.list({ role: "owner" }));
  expect(owners.items).toHaveLength(1);
  const left = owners.items[0]?.id ?? "";
  await asSystem(school, async () => {
    expect(await codeOf(Identity.suspend({ userId: left }))).toBe("user.last_owner");
  });
});

test("people are listed by name with filters, page by page, nobody twice and nobody left out", async () => {
  const school = await aSchool();
  const names = ["Zuse", "Ångström", "Lovelace", "Lovelace", "Hopper", "Turing", "de Boer"];
  for (const [n, familyName] of names.entries())
    await aUser(school, {
      roles: n % 2 ? ["instructor", "learner"] : ["learner"],
      familyName,
      email: `p${n}@example.test`,
      department: n < 3 ? "Maths" : "Physics",
    });
  const list = (input: Parameters<typeof Identity.list>[0]) => asSystem(school, () => Identity.list(input));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: 2, ...(cursor && { cursor }) });
    expect(page.total).toBe(7);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  expect(new Set(seen).size).toBe(7);
  expect((await list({ role: "instructor" })).items).toHaveLength(3);
  expect((await list({ department: "Maths" })).items).toHaveLength(3);
  expect((await list({ q: "lovel" })).items).toHaveLength(2);
  expect((await list({ q: "p5@" })).items[0]).toMatchObject({ familyName: "Turing", roles: ["instructor", "learner"] });
  expect((await list({ q: "100%_" })).items).toHaveLength(0);
  expect((await list({ activity: "never" })).items).toHaveLength(7);
  await asPublic(school, () => Session.create({ userId: seen[0] ?? "" }));
  expect((await list({ activity: "active_7d" })).items.map(({ id }) => id)).toEqual([seen[0]]);
  expect(await codeOf(list({ cursor: "bm90IGEgY3Vyc29y" }))).toBe("cursor.invalid");
  expect(await asSystem(school, () => Identity.departments())).toEqual([
    { department: "Maths", people: 3 },
    { department: "Physics", people: 4 },
  ]);
  await Db.counted(async () => {
    await list({});
    expect(Db.queryCount()).toBeLessThanOrEqual(2);
  });
});

test("people are sorted by the school's language and found in any spelling, one search for names and addresses", async () => {
  const school = await aSchool();
  const people: [string, string, string][] = [
    ["Ada", "adams", "ada@example.test"],
    ["Bea", "A\u030angstro\u0308m", "bea@example.test"],
    ["Cem", "Özil", "cem@münchen.example"],
    ["Fay", "Müller", "fay@example.test"],
    ["Ann", "Zimmer", "ann@example.test"],
    ["Émile", "O’Brien", "emile@example.test"],
    ["مُحَمَّد", "یوسف", "muhammad@example.test"],
  ];
  for (const [givenName, familyName, email] of people)
    await asSystem(school, () =>
      Identity.create({ givenName, familyName, email, notify: false, department: givenName }),
    );
  const list = (input: Parameters<typeof Identity.list>[0], route = school) =>
    asSystem(route, () => Identity.list(input));
  const names = async (input: Parameters<typeof Identity.list>[0], route = school) =>
    (await list(input, route)).items.map(({ familyName }) => familyName);
  const pages = async (route: Route) => {
    const seen: string[] = [];
    for (let cursor: string | undefined, at = 0; at < 10; at++) {
      const page = await list({ limit: 2, ...(cursor && { cursor }) }, route);
      seen.push(...page.items.map(({ familyName }) => familyName));
      if (!page.nextCursor) break;
      cursor = page.nextCursor;
    }
    return seen;
  };
  const sorted = ["adams", "Ångström", "Müller", "O’Brien", "Özil", "Zimmer", "یوسف"];
  expect(await names({})).toEqual(sorted);
  expect(await pages(school)).toEqual(sorted);
  const swedish = { ...school, locale: "sv-SE" };
  const inSwedish = ["adams", "Müller", "O’Brien", "Zimmer", "Ångström", "Özil", "یوسف"];
  expect(await names({}, swedish)).toEqual(inSwedish);
  expect(await pages(swedish)).toEqual(inSwedish);
  expect((await asSystem(school, () => Identity.departments())).map(({ department }) => department)).toEqual(
    ["Ada", "Ann", "Bea", "Cem", "Émile", "Fay", "مُحَمَّد"].map((text) => text.normalize("NFC")),
  );
  for (const [q, found] of [
    ["angstrom", "Ångström"],
    ["ÅNGSTRÖM bea", "Ångström"],
    ["a\u030angstrom", "Ångström"],
    ["ozil", "Özil"],
    ["muller fay", "Müller"],
    ["Müller@", undefined],
    ["o'brien", "O’Brien"],
    ["emile o", "O’Brien"],
    ["محمد يوسف", "یوسف"],
    ["cem@münchen", "Özil"],
    ["cem@münchen.example", "Özil"],
    ["cem@xn--mnchen-3ya.example", "Özil"],
    ["nobody", undefined],
  ] as const)
    expect(await names({ q }), q).toEqual(found === undefined ? [] : [found]);
});

test("people are sorted by name, department or sign-in, either way, page by page", async () => {
  const school = await aSchool();
  for (const [n, familyName] of ["Zuse", "Özil", "adams", "Lovelace"].entries()) {
    const { userId } = await aUser(school, {
      ...{ roles: ["learner"], familyName, email: `s${n}@example.test` },
      ...(n < 3 && { department: n === 0 ? "Ökologie" : "Physics" }),
    });
    await asSystem(school, () =>
      Db.use((tx) =>
        tx
          .update(userTable)
          .set({ lastSignInAt: n === 1 ? null : new Date(Date.UTC(2026, 0, n + 1)) })
          .where(eq(userTable.id, userId)),
      ),
    );
  }
  const all = async (input: Parameters<typeof Identity.list>[0]) => {
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await asSystem(school, () => Identity.list({ ...input, limit: 1, ...(cursor && { cursor }) }));
      seen.push(...page.items.map(({ familyName }) => familyName));
      if (!page.nextCursor) return seen;
      cursor = page.nextCursor;
    }
  };
  const byName = ["adams", "Lovelace", "Özil", "Zuse"];
  expect(await all({ sort: "name" })).toEqual(byName);
  expect(await all({ sort: "name", order: "desc" })).toEqual([...byName].reverse());
  const byDepartment = await all({ sort: "department" });
  expect([byDepartment[0], byDepartment[1]]).toEqual(["Lovelace", "Zuse"]);
  expect(await all({ sort: "lastSignIn" })).toEqual(["Lovelace", "adams", "Zuse", "Özil"]);
  expect(await all({ sort: "lastSignIn", order: "asc" })).toEqual(["Özil", "Zuse", "adams", "Lovelace"]);
  const { nextCursor } = await asSystem(school, () => Identity.list({ sort: "department", limit: 1 }));
  for (const cursor of [nextCursor ?? "", Buffer.from('["\\u0000","\\u0000"]').toString("base64url")])
    expect(await codeOf(asSystem(school, () => Identity.list({ sort: "lastSignIn", cursor })))).toBe("cursor.invalid");
});

test("a name is stored in NFC, and one that nobody can see is refused", async () => {
  const school = await aSchool();
  const make = (givenName: string, familyName = "") =>
    asSystem(school, () => Identity.create({ givenName, familyName, email: `${Math.random()}@example.test` }));
  expect(await make("Zoe\u0301", "\u200bAda\u200d")).toMatchObject({ givenName: "Zoé", familyName: "Ada" });
  for (const name of ["\u200b", "\u200d\u2060", "\u3164", "\u2800", " \u00ad "])
    expect(await codeOf(make(name)), JSON.stringify(name)).toBe("input.invalid");
});

test("both forms of an internationalized domain are one account", async () => {
  const school = await aSchool();
  const password = "four plain unrelated words";
  const made = await asSystem(school, () =>
    Identity.create({ email: "Ada@MÜNCHEN.example", givenName: "Ada", password }),
  );
  expect(made.email).toBe("ada@münchen.example");
  const again = (email: string) => codeOf(asSystem(school, () => Identity.create({ email, givenName: "Ada" })));
  for (const email of ["ada@münchen.example", "ada@xn--mnchen-3ya.example", "ada@mu\u0308nchen.example"]) {
    expect(await again(email), email).toBe("user.exists");
    const signedIn = await asPublic(school, () => Identity.checkPassword({ email, password }));
    expect(signedIn.userId).toBe(made.id);
  }
  const invited = await asSystem(school, () => Identity.invite({ email: "amp&me@почта.рф" }));
  expect(invited.email).toBe("amp&me@почта.рф");
  expect(await again("jörg@school.example")).toBe("input.invalid");
});

test("an invitation is mailed, opens once, and gives its roles", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  const invitation = await asUser(school, { roles: ["admin"] }, () =>
    Identity.invite({ email: "Bob@Example.test", roles: ["instructor", "learner"], message: "Join us" }),
  );
  expect(invitation).toMatchObject({ email: "bob@example.test", status: "open" });
  const token = (await asSystem(school, () => Identity.mintInvitation(invitation.id))) ?? "";
  expect(await codeOf(asPublic(other, () => Enrollment.invitationByToken({ token })))).toBe("token.over");
  expect(await asPublic(school, () => Enrollment.invitationByToken({ token }))).toMatchObject({ hasAccount: false });
  const accept = (input: object) => asPublic(school, () => Enrollment.acceptInvitation({ token, ...input }));
  expect(await codeOf(accept({}))).toBe("input.invalid");
  const { userId } = await accept({ givenName: "Bob", password: "four plain unrelated words" });
  expect(await codeOf(accept({ givenName: "Eve", password: "four plain unrelated words" }))).toBe("token.over");
  expect(await asSystem(school, () => Identity.get({ userId }))).toMatchObject({
    emailVerified: true,
    roles: ["instructor", "learner"],
  });
});

test("a list of addresses is invited to a course: one answer for each, and accepting enrolls", async () => {
  const school = await aSchool();
  const roles = ["owner"] as const;
  const owner = { ...(await aUser(school, { roles })), roles };
  const [member, learner] = [await aUser(school, { roles: ["learner"] }), await aUser(school, { roles: ["learner"] })];
  const as = <T>(work: () => Promise<T>) => asUser(school, owner, work);
  const course = await as(() => Course.create({ title: "Tides" }));
  await as(() => Enrollment.add({ courseId: course.id, userId: learner.userId }));
  const many = (addresses: string[], courseId?: string) =>
    as(async () => (await Enrollment.inviteMany({ addresses, courseId })).items.map(({ result }) => result));
  const list = ["Bob <bob@example.test>", "not an address", member.email, learner.email, "BOB@example.test"];
  expect(await many(list, course.id)).toEqual(["sent", "invalid", "enrolled", "member", "open"]);
  expect(await many(["bob@example.test", member.email])).toEqual(["sent", "member"]);
  expect(await many(["bob@example.test"], course.id)).toEqual(["sent"]);
  const [open] = (await as(() => Identity.invitations({ unanswered: true }))).items;
  expect(open).toMatchObject({ email: "bob@example.test", courseId: course.id });
  const token = (await asSystem(school, () => Identity.mintInvitation(open?.id ?? ""))) ?? "";
  expect(await asPublic(school, () => Enrollment.invitationByToken({ token }))).toMatchObject({ courseTitle: "Tides" });
  const { userId, isNew } = await asPublic(school, () =>
    Enrollment.acceptInvitation({ token, givenName: "Bob", password: "four plain unrelated words" }),
  );
  expect(isNew).toBe(true);
  expect(await as(() => Enrollment.membership(course.id, userId))).toMatchObject({ userId });
  await expect(many(Array(201).fill("x@example.test"))).rejects.toMatchObject({ kind: "invalid" });
});

test("an invitation to a course needs the right to enroll others there, and to a course of this school", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  const roles = ["owner"] as const;
  const [owner, stranger] = [{ ...(await aUser(school, { roles })), roles }, { roles }];
  const course = await asUser(school, owner, () => Course.create({ title: "Tides" }));
  const invite = { addresses: ["bob@example.test"], courseId: course.id };
  expect(await codeOf(asUser(other, stranger, () => Enrollment.inviteMany(invite)))).toBe("course.not_found");
  const { addresses, courseId } = invite;
  expect(await codeOf(asUser(other, stranger, () => Identity.invite({ email: addresses[0] ?? "", courseId })))).toBe(
    "course.not_found",
  );
  expect(await codeOf(asUser(school, { roles: ["instructor"] }, () => Enrollment.inviteMany(invite)))).toBe(
    "permission.denied",
  );
});

test("an invitation that was revoked, sent again or is old opens nothing", async () => {
  const school = await aSchool();
  const invite = () => asSystem(school, () => Identity.invite({ email: "bob@example.test" }));
  const mint = (id: string) => asSystem(school, () => Identity.mintInvitation(id));
  const open = (token: string | null) =>
    codeOf(asPublic(school, () => Enrollment.invitationByToken({ token: token ?? "" })));
  const first = await invite();
  const old = await mint(first.id);
  await asSystem(school, () => Identity.resendInvitation({ invitationId: first.id }));
  expect(await open(old)).toBe("token.over");
  const fresh = await mint(first.id);
  expect(await open(fresh)).toBe("done");
  await asSystem(school, () => Identity.revokeInvitation({ invitationId: first.id }));
  expect(await open(fresh)).toBe("token.over");
  expect(await mint(first.id)).toBeNull();
  const second = await invite();
  const token = await mint(second.id);
  await asSystem(school, () => Db.use((tx) => tx.update(invitationTable).set({ expiresAt: new Date(0) })));
  expect(await open(token)).toBe("token.over");
  expect(await codeOf(asSystem(school, () => Identity.revokeInvitation({ invitationId: first.id })))).toBe(
    "invitation.closed",
  );
});

test("inviting someone who is here adds the roles to their account and leaves the password", async () => {
  const school = await aSchool();
  const password = "four plain unrelated words";
  const bob = await asSystem(school, () =>
    Identity.create({ email: "bob@example.test", givenName: "Bob", password: "four plain unrelated words" }),
  );
  expect(await codeOf(asSystem(school, () => Identity.invite({ email: bob.email })))).toBe("user.exists");
  const { id } = await asSystem(school, () => Identity.invite({ email: bob.email, roles: ["instructor"] }));
  const token = (await asSystem(school, () => Identity.mintInvitation(id))) ?? "";
  await asPublic(school, () =>
    Enrollment.acceptInvitation({ token, givenName: "Eve", password: "a stolen account now" }),
  );
  expect(await asSystem(school, () => Identity.get({ userId: bob.id }))).toMatchObject({
    givenName: "Bob",
    roles: ["instructor", "learner"],
  });
  expect(await asPublic(school, () => Identity.checkPassword({ email: bob.email, password }))).toMatchObject({
    nextStep: "done",
  });
});

test("a school that takes no requests to teach refuses them, on signing up and later, and makes no account", async () => {
  const school = await aSchool();
  await asSystem(school, () => Settings.update({ instructorRequests: false }));
  const learner = await signedIn(school, ["learner"]);
  expect(await codeOf(withActor(learner.actor, () => Identity.applyAsInstructor({})))).toBe("role_request.closed");
  const person = { email: "t@example.test", givenName: "Tess", password: "a long enough sentence" };
  const signUp = () => asPublic(school, () => Identity.signUp({ ...person, asInstructor: { message: "Algebra" } }));
  expect(await codeOf(signUp())).toBe("role_request.closed");
  const { total } = await asUser(school, { roles: ["admin"] }, () => Identity.list({ q: "Tess", limit: 10 }));
  expect(total).toBe(0);
});

test("applying to teach waits for an admin's yes, is open once, and is answered once", async () => {
  const school = await aSchool();
  const learner = await signedIn(school, ["learner"]);
  const apply = () => withActor(learner.actor, () => Identity.applyAsInstructor({ message: "I know algebra" }));
  const { id } = await apply();
  expect(await codeOf(apply())).toBe("role_request.exists");
  expect(await withActor(learner.actor, () => Identity.myRoleRequest())).toMatchObject({ id, status: "pending" });
  expect(await asUser(school, { roles: ["learner"] }, () => Identity.myRoleRequest())).toBeNull();
  const decide = (approve: boolean) =>
    codeOf(asUser(school, { roles: ["admin"] }, () => Identity.decideRoleRequest({ roleRequestId: id, approve })));
  expect(
    await codeOf(withActor(learner.actor, () => Identity.decideRoleRequest({ roleRequestId: id, approve: true }))),
  ).toBe("permission.denied");
  expect((await asSystem(school, () => Identity.roleRequests({ status: "pending" }))).items).toMatchObject([
    { id, message: "I know algebra", user: { email: learner.email } },
  ]);
  expect(await decide(true)).toBe("done");
  expect(await decide(false)).toBe("role_request.decided");
  expect((await learner.resolve())?.roles).toEqual(["instructor", "learner"]);
  const trail = await asSystem(school, () => Audit.list({ targetId: learner.userId }));
  expect(trail.items.map(({ action }) => action)).toContain("role.granted");
  // Whom it was about is said by name, as the person is called now.
  const { name } = await asSystem(school, () => Identity.get({ userId: learner.userId }));
  expect(trail.items.map(({ target }) => target.name)).toEqual(trail.items.map(() => name));
});

test("sessions are listed with their device, revoked one by one and all at once", async () => {
  const school = await aSchool();
  const ada = await signedIn(school, ["learner"]);
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
  const other = await asPublic(school, () => Session.create({ userId: ada.userId, userAgent: firefox, ip: "::1" }));
  const third = await asPublic(school, () => Session.create({ userId: ada.userId }));
  const list = await withActor(ada.actor, () => Session.list());
  expect(list.map(({ isCurrent }) => isCurrent)).toEqual([true, false, false]);
  expect(list.find(({ id }) => id === other.sessionId)).toMatchObject({ device: "Firefox on Linux", ip: "::1" });
  const mallory = await signedIn(school, ["learner"]);
  expect(await codeOf(withActor(mallory.actor, () => Session.revoke({ sessionId: other.sessionId })))).toBe(
    "session.not_found",
  );
  await withActor(ada.actor, () => Session.revoke({ sessionId: other.sessionId }));
  expect(await asPublic(school, () => Session.resolve(other.cookie))).toBeUndefined();
  expect(await withActor(ada.actor, () => Session.revokeAll({ exceptCurrent: true }))).toEqual({ ended: 1 });
  expect(await asPublic(school, () => Session.resolve(third.cookie))).toBeUndefined();
  expect(await ada.resolve()).toBeDefined();
  expect(await withActor(ada.actor, () => Session.list())).toHaveLength(1);
  await withActor(ada.actor, () => Session.revokeAll({}));
  expect(await ada.resolve()).toBeUndefined();
  expect(await mallory.resolve()).toBeDefined();
});

test("a cookie is good for its school, its session and its secret only", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  const ada = await signedIn(school, ["learner"]);
  const [user, session, secret] = ada.cookie.split(".");
  const forged = [
    "",
    ".",
    "..",
    `${user}.${session}`,
    `${user}.${session}.`,
    `${user}.${session}.${secret?.slice(1)}`,
    `${user}.${session}.${secret}.x`,
    `${(await aUser(school, { roles: ["owner"] })).userId}.${session}.${secret}`,
    `${user}/x.${session}.${secret}`,
    ada.cookie.toUpperCase(),
  ];
  for (const cookie of forged) expect(await asPublic(school, () => Session.resolve(cookie))).toBeUndefined();
  expect(await asPublic(other, () => Session.resolve(ada.cookie))).toBeUndefined();
  expect(await ada.resolve()).toBeDefined();
});

test("a session is claimed by one browser", async () => {
  const school = await aSchool();
  const { userId } = await aUser(school, { roles: ["learner"] });
  const { sessionId } = await asPublic(school, () => Session.begin({ userId }));
  const claim = () => asPublic(school, () => Session.claim({ userId, sessionId }));
  const outcomes = await Promise.all([codeOf(claim()), codeOf(claim())]);
  expect(outcomes.sort()).toEqual(["done", "session.claimed"]);
});

test("another school's people, invitations and requests are not found", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  const { userId } = await aUser(school, { roles: ["learner"] });
  const invitation = await asSystem(school, () => Identity.invite({ email: "x@example.test" }));
  await asUser(other, { roles: ["owner"] }, async () => {
    expect(await codeOf(Identity.get({ userId }))).toBe("user.not_found");
    expect(await codeOf(Identity.update({ userId, givenName: "X" }))).toBe("user.not_found");
    expect(await codeOf(Identity.suspend({ userId }))).toBe("user.not_found");
    expect(await codeOf(Identity.grantRole({ userId, role: "admin" }))).toBe("user.not_found");
    expect(await codeOf(Identity.revokeInvitation({ invitationId: invitation.id }))).toBe("invitation.not_found");
    expect((await Identity.list({ q: "test" })).items.map(({ id }) => id)).not.toContain(userId);
  });
});

test("the permission check answers as the guards do, up to a hundred at once", async () => {
  const school = await aSchool();
  const ada = await signedIn(school, ["learner"]);
  const answers = await withActor(ada.actor, () =>
    Identity.checkPermissions({
      checks: [
        { permission: "profile.manage" },
        { permission: "user.read" },
        { permission: "no.such" },
        { permission: "course.read", resource: { type: "planet", id: "mars" }, context: { page: 1 } },
      ],
    }),
  );
  expect(answers.map(({ allowed }) => allowed)).toEqual([true, false, false, false]);
  expect(answers.every(({ reason }) => reason.length > 5)).toBe(true);
  expect(answers[3]).toMatchObject({ resource: { type: "planet", id: "mars" }, context: { page: 1 } });
  const many = Array.from({ length: 101 }, () => ({ permission: "user.read" }));
  expect(await codeOf(withActor(ada.actor, () => Identity.checkPermissions({ checks: many })))).toBe("input.invalid");
});

test("find my school mails an address its schools, answers everyone the same, and stores no address", async () => {
  const [one, two] = [await aSchool({ name: "One" }), await aSchool({ name: "Two" })];
  const email = `${one.slug}@example.test`;
  for (const school of [one, two]) {
    const { userId } = await aUser(school, { roles: ["learner"], email });
    await asSystem(school, () => Identity.indexForFinder(userId));
  }
  const asked = async () => {
    const { OutboxItem } = await import("../../kernel/event/index.ts");
    const items = [];
    for (const shard of ["0", "1", "2", "3"])
      items.push(...(await OutboxItem.asPlatform(one.table).query.unpublished({ shard }).go({ pages: "all" })).data);
    return items.filter(
      (item) => item.type === "finder.requested" && [one, two].some((s) => s.schoolId === item.schoolId),
    );
  };
  expect(await Identity.findSchools({ email })).toBeUndefined();
  expect(await Identity.findSchools({ email: `nobody-${one.slug}@example.test` })).toBeUndefined();
  const mine = await asked();
  expect(mine).toHaveLength(1);
  const { data } = JSON.parse(mine[0]?.envelope ?? "{}") as { data: { finderId: string } };
  expect(mine[0]?.envelope).not.toContain(email);
  const mail = await asSystem(one, () => Identity.finderMail(data.finderId));
  expect(mail?.email).toBe(email);
  expect(mail?.schools.map(({ name }) => name).sort()).toEqual(["One", "Two"]);
  // An inbox gets five mails an hour from all callers together; the answer does not reveal the limit.
  for (let n = 0; n < 6; n++) expect(await Identity.findSchools({ email })).toBeUndefined();
  expect(await asked()).toHaveLength(5);
});

test("people are taken away as they are filtered, in the list's order, with a trace of who took how many", async () => {
  const school = await aSchool();
  for (const familyName of ["Zuse", "Ångström", "Noether"])
    await aUser(school, { roles: ["learner"], familyName, ...(familyName === "Zuse" && { givenName: "=1+1" }) });
  const admin = await aUser(school, { roles: ["admin"], familyName: "Admin" });
  await asUser(school, { roles: ["admin"], userId: admin.userId }, async () => {
    const shown = await Identity.list({ role: "learner", limit: 100 });
    expect(await Identity.exportAll({ role: "learner" })).toEqual(shown.items);
    expect((await Identity.exportAll({ q: "noether" })).map(({ familyName }) => familyName)).toEqual(["Noether"]);
    const [, queries] = await Db.counted(async () => [await Identity.exportAll({}), Db.queryCount()]);
    expect(queries).toBeLessThanOrEqual(3);
    const { items } = await Audit.list({ action: "people.exported", limit: 10 });
    expect(items.map(({ data }) => data)).toContainEqual({ people: shown.items.length, role: "learner" });
    expect(items[0]).toMatchObject({ actor: { id: admin.userId }, target: { type: "school", id: school.schoolId } });
  });
  for (const role of ["instructor", "moderator", "billing", "learner"] as const)
    await asUser(school, { roles: [role] }, () =>
      expect(Identity.exportAll({})).rejects.toMatchObject({ kind: "forbidden" }),
    );
});

test("more people than one file holds are refused, and nothing is said to have been taken", async () => {
  const school = await aSchool();
  await asSystem(school, () =>
    Db.use((tx) =>
      tx.execute(sql`
        insert into "user" (id, email, given_name, family_name, department)
        select 'usr_many' || n, 'many' || n || '@check.test', 'Many', n::text, case when n <= 20000 then 'Full' end
        from generate_series(1, 20001) n`),
    ),
  );
  await asUser(school, { roles: ["owner"] }, async () => {
    expect(await Identity.exportAll({ department: "Full" })).toHaveLength(20_000);
    expect(await codeOf(Identity.exportAll({}))).toBe("export.too_large");
    expect((await Audit.list({ action: "people.exported", limit: 10 })).items).toHaveLength(1);
  });
});
