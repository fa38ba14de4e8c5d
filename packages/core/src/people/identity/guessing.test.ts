import type { Route } from "@lectern/core/kernel/actor";
import type { Envelope } from "@lectern/core/kernel/event";
import { Identity } from "@lectern/core/people/identity";
import { Catalog } from "@lectern/tenants/catalog";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { Db } from "../../kernel/db/index.ts";
import { Course } from "../../learn/course/index.ts";
import { Attempts, limits } from "./attempts.ts";
import { KnownDevice } from "./known-device.ts";

afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const password = "four plain unrelated words";
const next = "a wholly different phrase";

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? error,
  );

async function anAccount(roles: ("owner" | "admin" | "learner")[] = ["learner"]) {
  const school = await aSchool();
  const email = "ada@example.test";
  const { id } = await asSystem(school, () =>
    Identity.create({ email, givenName: "Ada", password, roles, notify: false }),
  );
  const signIn = (word: string, from: { ip?: string; device?: string } = {}) =>
    codeOf(asPublic(school, () => Identity.checkPassword({ email, password: word, ...from })));
  return { school, email, userId: id, signIn };
}

/** The data of the school's events of one type. */
const told = async ({ cell, schoolId }: Route, type: string) =>
  (
    await Catalog.use(cell, (tx) =>
      tx.execute<{ envelope: Envelope }>(sql`select envelope from bus.outbox
        where school_id = ${schoolId} and type = ${type} order by id`),
    )
  ).map(({ envelope }) => envelope.data as Record<string, unknown>);

test("five wrong passwords from one address shut that address out, and nobody else", async () => {
  const { school, userId, signIn } = await anAccount();
  for (let n = 0; n < 5; n++) expect(await signIn("wrong", { ip: "192.0.2.1" })).toBe("auth.wrong_credentials");
  expect(await signIn(password, { ip: "192.0.2.1" })).toBe("auth.too_many_attempts");
  expect(await signIn(password, { ip: "198.51.100.7" })).toBe("done");
  // Told once, however long it goes on.
  for (let n = 0; n < 5; n++) await signIn("wrong", { ip: "192.0.2.2" });
  expect(await told(school, "user.sign_in_guessed")).toMatchObject([{ userId }]);
});

test("guesses from everywhere slow down everybody but the person's own devices", async () => {
  const { school, email, userId, signIn } = await anAccount();
  const device = await asPublic(school, () => KnownDevice.remember(undefined, userId));
  const stranger = await asPublic(school, () => KnownDevice.remember(undefined, "usr_01jd3w6q5re9wsjg0pv3r6y2mq"));
  await asPublic(school, async () => {
    // As many as the limit holds, without as many hashes.
    for (let n = 0; n < limits.everywhere.max; n++) await Attempts.admit(limits.everywhere, `${email} `);
  });
  expect(await signIn(password, { ip: "192.0.2.9" })).toBe("auth.too_many_attempts");
  expect(await signIn(password, { ip: "192.0.2.9", device: stranger })).toBe("auth.too_many_attempts");
  expect(await signIn(password, { ip: "192.0.2.9", device: `${device}x` })).toBe("auth.too_many_attempts");
  expect(await signIn(password, { ip: "192.0.2.9", device })).toBe("done");
  // A device that is known is no way to guess on.
  for (let n = 0; n < 5; n++) await signIn("wrong", { ip: "192.0.2.9", device });
  expect(await signIn(password, { ip: "192.0.2.9", device })).toBe("auth.too_many_attempts");
});

test("wrong passwords in the form that changes it do not count at signing in, and are counted there", async () => {
  const { school, userId, signIn } = await anAccount();
  const change = (current: string) =>
    asUser(school, { roles: ["learner"], userId }, () => codeOf(Identity.changePassword({ current, next })));
  for (let n = 0; n < 5; n++) expect(await change("wrong")).toBe("auth.wrong_credentials");
  expect(await change(password)).toBe("auth.too_many_attempts");
  expect(await signIn(password)).toBe("done");
});

test("a new password begins all counts anew", async () => {
  const { school, signIn, email, userId } = await anAccount();
  for (let n = 0; n < 6; n++) await signIn("wrong", { ip: "192.0.2.1" });
  await asUser(school, { roles: ["learner"], userId }, () => Identity.changePassword({ current: password, next }));
  expect(await signIn(next, { ip: "192.0.2.1" })).toBe("done");
  expect(email).toBeTruthy();
});

test("what follows a plus in an address opens no second count of mails", async () => {
  const school = await aSchool();
  const ask = (email: string) => asPublic(school, () => codeOf(Identity.requestReset({ email })));
  for (let n = 0; n < limits.mail.max; n++) expect(await ask(`target+${n}@example.test`)).toBe("done");
  expect(await ask("target+again@example.test")).toBe("auth.too_many_attempts");
  expect(await ask("Target@example.test")).toBe("auth.too_many_attempts");
  expect(await ask("t.arget@example.test")).toBe("done");
});

test("every password that is written is announced, with the device and the network", async () => {
  const { school, userId } = await anAccount();
  expect(await told(school, "user.password_changed")).toEqual([]);
  await asUser(school, { roles: ["learner"], userId }, () => Identity.changePassword({ current: password, next }));
  const made = await asUser(school, { roles: ["admin"] }, () =>
    Identity.create({ email: "bob@example.test", givenName: "Bob", password }),
  );
  expect(await told(school, "user.password_changed")).toMatchObject([{ userId }, { userId: made.id }]);
});

test("an owner is made with the actor's own password, attempts are counted, and owners get a mail", async () => {
  const { school, userId } = await anAccount(["owner"]);
  const { userId: learner } = await aUser(school, { roles: ["learner"] });
  const asOwner = <T>(work: () => Promise<T>) => asUser(school, { roles: ["owner"], userId }, work);
  const grant = (ownPassword?: string) =>
    asOwner(() => codeOf(Identity.grantRole({ userId: learner, role: "owner", ownPassword })));
  expect(await grant()).toBe("auth.password_required");
  expect(await asOwner(() => codeOf(Identity.invite({ email: "x@example.test", roles: ["owner"] })))).toBe(
    "auth.password_required",
  );
  const owner = { email: "y@example.test", givenName: "Y", roles: ["owner" as const] };
  expect(await asOwner(() => codeOf(Identity.create(owner)))).toBe("auth.password_required");
  expect(await asOwner(() => codeOf(Identity.grantRole({ userId: learner, role: "admin" })))).toBe("done");
  expect(await told(school, "user.owner_added")).toEqual([{ userId }]); // by the platform
  expect(await grant(password)).toBe("done");
  expect(await told(school, "user.owner_added")).toEqual([{ userId }, { userId: learner }]);
  const { userId: other } = await aUser(school, { roles: ["learner"] });
  for (let n = 0; n < 5; n++)
    expect(
      await asOwner(() => codeOf(Identity.grantRole({ userId: other, role: "owner", ownPassword: "wrong" }))),
    ).toBe("auth.wrong_credentials");
  expect(await asOwner(() => codeOf(Identity.grantRole({ userId: other, role: "owner", ownPassword: password })))).toBe(
    "auth.too_many_attempts",
  );
});

test("an owner is reinstated by an owner only, with that owner's password", async () => {
  const { school, userId } = await anAccount(["owner"]);
  const other = { userId: (await aUser(school, { roles: ["owner"] })).userId };
  await asSystem(school, () => Identity.suspend(other));
  expect(await asUser(school, { roles: ["admin"] }, () => codeOf(Identity.reinstate(other)))).toBe("user.above_you");
  const reinstate = (ownPassword?: string) =>
    asUser(school, { roles: ["owner"], userId }, () => codeOf(Identity.reinstate({ ...other, ownPassword })));
  expect(await reinstate()).toBe("auth.password_required");
  expect(await reinstate("not the password")).toBe("auth.wrong_credentials");
  expect(await reinstate(password)).toBe("done");
});

test("the permission check refuses what is hidden and what is not there in the same words", async () => {
  const school = await aSchool();
  const course = await asUser(school, { roles: ["instructor"] }, () => Course.create({ title: "Hidden knots" }));
  const { userId: someone } = await aUser(school, { roles: ["learner"] });
  const { id: invitationId } = await asSystem(school, () => Identity.invite({ email: "i@example.test" }));
  const reasonOf = (permission: string, type: string, id: string) =>
    asUser(school, { roles: ["learner"] }, async () => {
      const [answer] = await Identity.checkPermissions({ checks: [{ permission, resource: { type, id } }] });
      return [answer?.allowed, answer?.reason];
    });
  for (const [permission, type, id] of [
    ["course.read", "course", course.id],
    ["course.read", "course", course.slug],
    ["profile.manage", "user", someone],
    ["profile.manage", "invitation", invitationId],
    ["course.read", "nothing", "x"],
  ] as const)
    expect([type, await reasonOf(permission, type, id)]).toEqual([
      type,
      await reasonOf(permission, type, `${id.slice(0, -1)}0`),
    ]);
});
