import { type Route, type UserActor, withActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Audit } from "@lectern/core/people/audit";
import { Identity, Session } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { and, desc, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { emailTokenTable } from "./identity.sql.ts";
import { userTable } from "./user.sql.ts";

const password = "four plain unrelated words";
const old = "ada@old.test";
const fresh = "ada@new.test";

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? error,
  );

async function ada(school: Route) {
  const { id } = await asSystem(school, () =>
    Identity.create({ email: old, givenName: "Ada", password, notify: false }),
  );
  const { cookie } = await asPublic(school, () => Session.create({ userId: id }));
  const resolve = () => asPublic(school, () => Session.resolve(cookie));
  const actor = (await resolve()) as UserActor;
  return { id, resolve, as: <T>(work: () => Promise<T>) => withActor(actor, work) };
}

/** The secret of the newest mail of a kind. */
const mailed = (school: Route, userId: string, purpose: "change_email" | "undo_email_change" | "reset_password") =>
  asSystem(school, async () => {
    const [row] = await Db.use((tx) =>
      tx
        .select()
        .from(emailTokenTable)
        .where(and(eq(emailTokenTable.userId, userId), eq(emailTokenTable.purpose, purpose)))
        .orderBy(desc(emailTokenTable.createdAt), desc(emailTokenTable.id)),
    );
    return (row && (await Identity.mintToken(row.id))) ?? "";
  });

const emailOf = (school: Route, userId: string) => asSystem(school, async () => (await Identity.get({ userId })).email);
const signIn = (school: Route, email: string) => asPublic(school, () => Identity.checkPassword({ email, password }));
const confirm = (school: Route, token: string) => asPublic(school, () => Identity.confirmEmailChange({ token }));
const undo = (school: Route, token: string) => asPublic(school, () => Identity.undoEmailChange({ token }));

test("who signed up by the school's domain keeps an address of it", async () => {
  const school = await aSchool();
  const me = await ada(school);
  const change = () => me.as(() => codeOf(Identity.changeEmail({ email: fresh, password })));
  await asSystem(school, () => Settings.update({ signUp: { mode: "domain", domains: ["old.test"] } }));
  expect(await change()).toBe("sign_up.domain");
  await asSystem(school, () => Settings.update({ signUp: { mode: "domain", domains: ["elsewhere.test"] } }));
  expect(await change()).toBe("done");
});

test("one's own address changes when the new one confirms it, and nothing else ends but other links", async () => {
  const school = await aSchool();
  const me = await ada(school);
  expect(await codeOf(me.as(() => Identity.changeEmail({ email: fresh, password: "not my password" })))).toBe(
    "auth.wrong_credentials",
  );
  expect(await codeOf(me.as(() => Identity.changeEmail({ email: old, password })))).toBe("email.same");
  await asPublic(school, () => Identity.requestReset({ email: old }));
  const reset = await mailed(school, me.id, "reset_password");
  await me.as(() => Identity.changeEmail({ email: fresh, password }));
  expect(await emailOf(school, me.id)).toBe(old);
  expect(await me.as(() => Identity.pendingEmail())).toEqual({ email: fresh });
  await confirm(school, await mailed(school, me.id, "change_email"));
  expect(await emailOf(school, me.id)).toBe(fresh);
  expect(await me.resolve()).toMatchObject({ userId: me.id });
  expect(await me.as(() => Identity.pendingEmail())).toEqual({ email: null });
  expect(await signIn(school, fresh)).toMatchObject({ userId: me.id });
  expect(await codeOf(signIn(school, old))).toBe("auth.wrong_credentials");
  expect(await codeOf(asPublic(school, () => Identity.resetPassword({ token: reset, password })))).toBe("token.over");
  const trail = await asUser(school, { roles: ["owner"] }, () => Audit.list({ targetId: me.id }));
  expect(trail.items.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["email.change_requested", "email.changed"]),
  );
});

test("the former address takes the account back, after two more changes and a reset of the password too", async () => {
  const school = await aSchool();
  const me = await ada(school);
  const change = async (email: string) => {
    await me.as(() => Identity.changeEmail({ email, password }));
    await confirm(school, await mailed(school, me.id, "change_email"));
    return mailed(school, me.id, "undo_email_change");
  };
  const first = await change("thief@evil.test");
  const second = await change("thief@other.test");
  await undo(school, first);
  expect(await emailOf(school, me.id)).toBe(old);
  expect(await me.resolve()).toBeUndefined();
  // What the thief's own address was given ends with it.
  expect(await codeOf(undo(school, second))).toBe("token.over");
  expect(await codeOf(undo(school, first))).toBe("token.over");
  // The thief knows the password, so it is revoked too.
  expect(await codeOf(signIn(school, old))).toBe("auth.wrong_credentials");
  const reset = await mailed(school, me.id, "reset_password");
  await asPublic(school, () => Identity.resetPassword({ token: reset, password: "a wholly different phrase" }));
});

test("of two people who take one address at the same moment, one gets it and the other is refused", async () => {
  const school = await aSchool();
  const tokens: string[] = [];
  for (const email of ["bea@old.test", "cid@old.test"]) {
    const { id } = await asSystem(school, () => Identity.create({ email, givenName: "One", password, notify: false }));
    await asUser(school, { roles: ["owner"] }, () => Identity.changeEmailOf({ userId: id, email: fresh }));
    tokens.push(await mailed(school, id, "change_email"));
  }
  const taken = await Promise.all(tokens.map((token) => codeOf(confirm(school, token))));
  expect(taken.sort()).toEqual(["done", "user.exists"]);
});

test("a change taken back, asked for anew, or to an address that is taken, does nothing", async () => {
  const school = await aSchool();
  const me = await ada(school);
  const ask = async (email: string) => {
    await me.as(() => Identity.changeEmail({ email, password }));
    return mailed(school, me.id, "change_email");
  };
  const [one, two] = [await ask("one@new.test"), await ask("two@new.test")];
  expect(await codeOf(confirm(school, one))).toBe("token.over");
  await me.as(() => Identity.cancelEmailChange());
  expect(await codeOf(confirm(school, two))).toBe("token.over");
  const taken = await aUser(school, { roles: ["learner"] });
  expect(await codeOf(confirm(school, await ask(taken.email)))).toBe("user.exists");
  expect(await emailOf(school, me.id)).toBe(old);
});

test("an address that nobody proved gets no power over the account", async () => {
  const school = await aSchool();
  const me = await ada(school);
  await asSystem(school, () =>
    Db.use((tx) => tx.update(userTable).set({ emailVerifiedAt: null }).where(eq(userTable.id, me.id))),
  );
  await me.as(() => Identity.changeEmail({ email: fresh, password }));
  await confirm(school, await mailed(school, me.id, "change_email"));
  expect(await mailed(school, me.id, "undo_email_change")).toBe("");
});

test("who has not proved an address corrects it twice a day, so no strangers are mailed in its place", async () => {
  const school = await aSchool();
  const me = await ada(school);
  await asSystem(school, () =>
    Db.use((tx) => tx.update(userTable).set({ emailVerifiedAt: null }).where(eq(userTable.id, me.id))),
  );
  const ask = (n: number) => codeOf(me.as(() => Identity.changeEmail({ email: `stranger${n}@evil.test`, password })));
  expect([await ask(1), await ask(2), await ask(3)]).toEqual(["done", "done", "email.too_many_changes"]);
});

test("an admin changes a member's address, never an owner's, their own or another school's", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  const me = await ada(school);
  const roles = ["admin"] as const;
  const owner = await aUser(school, { roles: ["owner"] });
  const admin = await aUser(school, { roles });
  const as = (userId: string) =>
    codeOf(asUser(school, { roles, userId: admin.userId }, () => Identity.changeEmailOf({ userId, email: fresh })));
  expect(await as(owner.userId)).toBe("user.above_you");
  expect(await as(admin.userId)).toBe("email.own");
  const stranger = asUser(other, { roles: ["owner"] }, () => Identity.changeEmailOf({ userId: me.id, email: fresh }));
  expect(await codeOf(stranger)).toBe("user.not_found");
  const learner = asUser(school, { roles: ["learner"] }, () => Identity.changeEmailOf({ userId: me.id, email: fresh }));
  expect(await codeOf(learner)).toBe("permission.denied");
  expect(await as(me.id)).toBe("done");
  expect(await emailOf(school, me.id)).toBe(old);
  await confirm(school, await mailed(school, me.id, "change_email"));
  expect(await emailOf(school, me.id)).toBe(fresh);
});

test("an owner changes another owner's address, and lets one back in, with their own password only", async () => {
  const school = await aSchool();
  const [one, two] = [await ada(school), await aUser(school, { roles: ["owner"] })];
  await asSystem(school, () => Identity.grantRole({ userId: one.id, role: "owner" }));
  const as = <T>(work: () => Promise<T>) => codeOf(asUser(school, { roles: ["owner"], userId: one.id }, work));
  const change = (ownPassword?: string) =>
    as(() => Identity.changeEmailOf({ userId: two.userId, email: fresh, ownPassword }));
  expect(await change()).toBe("auth.password_required");
  expect(await change("not my password")).toBe("auth.wrong_credentials");
  expect(await change(password)).toBe("done");
  expect(await as(() => Identity.suspend({ userId: two.userId }))).toBe("done");
  const reinstate = (ownPassword?: string) => as(() => Identity.reinstate({ userId: two.userId, ownPassword }));
  expect(await reinstate()).toBe("auth.password_required");
  expect(await reinstate("not my password")).toBe("auth.wrong_credentials");
  expect(await reinstate(password)).toBe("done");
});

test("wrong passwords on the account page shut nobody out of signing in", async () => {
  const school = await aSchool();
  const me = await ada(school);
  for (let n = 0; n < 6; n++) await codeOf(me.as(() => Identity.changeEmail({ email: fresh, password: "wrong" })));
  expect(await codeOf(me.as(() => Identity.changeEmail({ email: fresh, password })))).toBe("auth.too_many_attempts");
  expect(await signIn(school, old)).toMatchObject({ userId: me.id });
});

test("a change that waits names its address as its owner writes it", async () => {
  const me = await ada(await aSchool());
  await me.as(() => Identity.changeEmail({ email: "ada@xn--mnchen-3ya.example", password }));
  expect(await me.as(() => Identity.pendingEmail())).toEqual({ email: "ada@münchen.example" });
});

test("an admin who gives an account the address it has is refused in either form", async () => {
  const school = await aSchool();
  const { userId } = await aUser(school, { roles: ["learner"], email: "neu@münchen.example" });
  for (const email of ["neu@münchen.example", "neu@xn--mnchen-3ya.example"])
    expect(await codeOf(asUser(school, { roles: ["admin"] }, () => Identity.changeEmailOf({ userId, email })))).toBe(
      "email.same",
    );
});
