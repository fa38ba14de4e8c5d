import { type Route, withActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { createId } from "@lectern/core/kernel/id";
import { Identity, Session } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { Catalog } from "@lectern/tenants/catalog";
import { aSchool, asPublic, asSystem, asUser } from "@lectern/tenants/testing";
import { eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { Enrollment } from "../../learn/enrollment/index.ts";
import { Attempts } from "./attempts.ts";
import { emailTokenTable } from "./identity.sql.ts";
import { Password } from "./password.ts";
import { userTable } from "./user.sql.ts";

const password = "four plain unrelated words";
const ada = { email: "ada@example.test", password, givenName: "Ada", familyName: "Lovelace" };

/** The token of the latest mail of a kind, as the consumer that sends it would mint it. */
const mailed = (school: Route, email: string, purpose: "verify_email" | "reset_password") =>
  asSystem(school, async () => {
    const rows = await Db.use((tx) =>
      tx
        .select({ id: emailTokenTable.id })
        .from(emailTokenTable)
        .innerJoin(userTable, eq(userTable.id, emailTokenTable.userId))
        .where(sql`${userTable.email} = ${email} and ${emailTokenTable.purpose} = ${purpose}`)
        .orderBy(emailTokenTable.id),
    );
    const last = rows.at(-1);
    return last ? ((await Identity.mintToken(last.id)) ?? undefined) : undefined;
  });

const required = <T>(value: T | undefined): T => {
  expect(value).toBeDefined();
  return value as T;
};

const signIn = (school: Route, email: string, word = password) =>
  asPublic(school, () => Identity.checkPassword({ email, password: word }));

async function member(school: Route) {
  await asPublic(school, () => Identity.signUp(ada));
  const token = required(await mailed(school, ada.email, "verify_email"));
  return asPublic(school, () => Identity.verifyEmail({ token, password }));
}

test("signing up leads to sign-in only after the address is proved", async () => {
  const school = await aSchool();
  await asPublic(school, () => Identity.signUp({ ...ada, email: "  Ada@Example.TEST " }));
  expect(await signIn(school, ada.email)).toMatchObject({ nextStep: "verify_email" });
  const token = required(await mailed(school, ada.email, "verify_email"));
  const { userId } = await asPublic(school, () => Identity.verifyEmail({ token, password }));
  expect(await signIn(school, "ADA@example.test")).toEqual({ userId, nextStep: "done" });
  await expect(asPublic(school, () => Identity.verifyEmail({ token, password }))).rejects.toMatchObject({
    code: "token.over",
  });
});

test("who signs up to teach is announced to the admins once the address is proved", async () => {
  const school = await aSchool();
  const announced = async () => {
    const rows = await Catalog.use(school.cell, (tx) =>
      tx.execute(sql`select 1 from bus.outbox where school_id = ${school.schoolId} and type = 'role_request.created'`),
    );
    return rows.length;
  };
  await asPublic(school, () => Identity.signUp({ ...ada, asInstructor: { message: "Algebra" } }));
  expect(await announced()).toBe(0);
  const token = required(await mailed(school, ada.email, "verify_email"));
  await asPublic(school, () => Identity.verifyEmail({ token, password }));
  expect(await announced()).toBe(1);
});

test("a database reader finds no secret: tokens, passwords and sessions are stored as hashes", async () => {
  const school = await aSchool();
  await asPublic(school, () => Identity.signUp(ada));
  const token = required(await mailed(school, ada.email, "verify_email"));
  const dump = await asSystem(school, () =>
    Db.use(async (tx) => JSON.stringify([await tx.select().from(emailTokenTable), await tx.select().from(userTable)])),
  );
  expect(dump).not.toContain(token);
  expect(dump).not.toContain(password);
});

test("an account that exists gets the same answer, keeps its password, and its owner is told", async () => {
  const school = await aSchool();
  const { userId } = await member(school);
  const again = await asPublic(school, () => Identity.signUp({ ...ada, password: "another set of plain words" }));
  expect(Object.keys(again)).toEqual(["userId"]);
  expect(again.userId).not.toBe(userId);
  expect(await signIn(school, ada.email)).toMatchObject({ nextStep: "done" });
  await expect(signIn(school, ada.email, "another set of plain words")).rejects.toMatchObject({
    code: "auth.wrong_credentials",
  });
});

const planted = "the stranger's own password";
const plant = (school: Route) => asPublic(school, () => Identity.signUp({ ...ada, password: planted }));
const confirm = (school: Route, input: { token: string; password?: string; browser?: string }) =>
  asPublic(school, () => Identity.verifyEmail(input));
/** The link in the mail that a stranger's sign-up sent to the victim. */
const strangersLink = async (school: Route) => {
  await plant(school);
  return required(await mailed(school, ada.email, "verify_email"));
};
const expectOnly = async (school: Route, word: string) => {
  expect(await signIn(school, ada.email, word)).toMatchObject({ nextStep: "done" });
  await expect(signIn(school, ada.email, planted)).rejects.toMatchObject({ code: "auth.wrong_credentials" });
};

test("after a reset, the link of a stranger's sign-up no longer works", async () => {
  const school = await aSchool();
  const link = await strangersLink(school);
  await asPublic(school, () => Identity.requestReset({ email: ada.email }));
  const token = required(await mailed(school, ada.email, "reset_password"));
  const { userId } = await asPublic(school, () => Identity.resetPassword({ token, password }));
  const { cookie } = await asPublic(school, () => Session.create({ userId }));
  for (const input of [{ token: link }, { token: link, password: planted }])
    await expect(confirm(school, input)).rejects.toMatchObject({ code: "token.over" });
  await expectOnly(school, password);
  expect(await asPublic(school, () => Session.resolve(cookie))).toMatchObject({ userId });
});

test("of two sign-ups with one address, either link activates only the password of the person who confirms", async () => {
  for (const which of ["older", "newer"]) {
    const school = await aSchool();
    const older = await strangersLink(school);
    await asPublic(school, () => Identity.signUp(ada));
    const newer = required(await mailed(school, ada.email, "verify_email"));
    const token = which === "older" ? older : newer;
    await expect(confirm(school, { token })).rejects.toMatchObject({ fields: { password: expect.any(String) } });
    await expect(confirm(school, { token, password: "not one of the two passwords" })).rejects.toMatchObject({
      code: "auth.wrong_credentials",
    });
    await confirm(school, { token, password });
    await expectOnly(school, password);
    await expect(confirm(school, { token: older, password: planted })).rejects.toMatchObject({ code: "token.over" });
    await expect(confirm(school, { token: newer, password })).rejects.toMatchObject({ code: "token.over" });
  }
});

test("confirming with the password that the account has ends what a stranger began after it", async () => {
  const school = await aSchool();
  await asPublic(school, () => Identity.signUp(ada));
  const own = required(await mailed(school, ada.email, "verify_email"));
  const theirs = await strangersLink(school);
  await asPublic(school, () => Identity.requestReset({ email: ada.email }));
  const reset = required(await mailed(school, ada.email, "reset_password"));
  await confirm(school, { token: own, password });
  await expectOnly(school, password);
  await expect(confirm(school, { token: theirs, password: planted })).rejects.toMatchObject({ code: "token.over" });
  const resetting = asPublic(school, () => Identity.resetPassword({ token: reset, password: planted }));
  await expect(resetting).rejects.toMatchObject({ code: "token.over" });
  const pending = await asSystem(school, () =>
    Db.use((tx) => tx.select().from(emailTokenTable).where(sql`${emailTokenTable.passwordHash} is not null`)),
  );
  expect(pending).toEqual([]);
});

test("after an invitation is accepted, the link of a stranger's sign-up no longer works", async () => {
  const school = await aSchool();
  const link = await strangersLink(school);
  const { id } = await asSystem(school, () => Identity.invite({ email: ada.email, roles: ["instructor"] }));
  const token = required((await asSystem(school, () => Identity.mintInvitation(id))) ?? undefined);
  expect(await asPublic(school, () => Enrollment.invitationByToken({ token }))).toMatchObject({ hasAccount: false });
  await asPublic(school, () => Enrollment.acceptInvitation({ token, givenName: "Ada", familyName: "L", password }));
  await expect(confirm(school, { token: link, password: planted })).rejects.toMatchObject({ code: "token.over" });
  await expectOnly(school, password);
});

test("the browser that signed up confirms without the password, and a stranger's browser confirms nothing", async () => {
  const school = await aSchool();
  const [mine, theirs] = ["my-browser".padEnd(43, "x"), "their-browser".padEnd(43, "x")];
  await asPublic(school, () => Identity.signUp({ ...ada, password: planted, browser: theirs }));
  await asPublic(school, () => Identity.signUp({ ...ada, browser: mine }));
  const token = required(await mailed(school, ada.email, "verify_email"));
  const about = (browser: string) => asPublic(school, () => Identity.verificationByToken({ token, browser }));
  expect(await about(mine)).toMatchObject({ email: ada.email, isOwnBrowser: true });
  expect(await about("another".padEnd(43, "x"))).toMatchObject({ isOwnBrowser: false });
  await confirm(school, { token, browser: mine });
  await expectOnly(school, password);
});

test("a mail that is sent again carries no password, and confirms the sign-up of the browser that asked", async () => {
  const school = await aSchool();
  const browser = "my-browser".padEnd(43, "x");
  await plant(school);
  await asPublic(school, () => Identity.resendVerification({ email: ada.email }));
  const again = required(await mailed(school, ada.email, "verify_email"));
  await expect(confirm(school, { token: again, browser })).rejects.toMatchObject({ kind: "invalid" });
  await asPublic(school, () => Identity.signUp({ ...ada, browser }));
  await plant(school);
  await asPublic(school, () => Identity.resendVerification({ email: ada.email, browser }));
  const token = required(await mailed(school, ada.email, "verify_email"));
  await confirm(school, { token, browser });
  await expectOnly(school, password);
});

test("guessing the password behind a confirmation link is counted", async () => {
  const school = await aSchool();
  const token = await strangersLink(school);
  for (let n = 0; n < 5; n++)
    await expect(confirm(school, { token, password: `guess number ${n}` })).rejects.toMatchObject({ kind: "invalid" });
  await expect(confirm(school, { token, password })).rejects.toMatchObject({ kind: "rate_limited" });
});

test("a one-time code opens one session, once, and dies with a change of the password", async () => {
  const school = await aSchool();
  const { userId } = await member(school);
  const issue = () => asPublic(school, () => Identity.issueCode({ userId }));
  const use = (code: string, at = school) => asPublic(at, () => Identity.useCode({ code }));
  const { code } = await issue();
  await expect(use(code, await aSchool())).rejects.toMatchObject({ code: "token.over" });
  expect(await use(code)).toEqual({ userId, nextStep: "done" });
  await expect(use(code)).rejects.toMatchObject({ code: "token.over" });
  const late = await issue();
  await asSystem(school, () =>
    Db.use((tx) => tx.update(emailTokenTable).set({ expiresAt: new Date(Date.now() - 1000) })),
  );
  await expect(use(late.code)).rejects.toMatchObject({ code: "token.over" });
  const open = await issue();
  await asPublic(school, () => Identity.requestReset({ email: ada.email }));
  const token = required(await mailed(school, ada.email, "reset_password"));
  await asPublic(school, () => Identity.resetPassword({ token, password: "a wholly different phrase" }));
  await expect(use(open.code)).rejects.toMatchObject({ code: "token.over" });
  const dump = await asSystem(school, () =>
    Db.use(async (tx) => JSON.stringify(await tx.select().from(emailTokenTable))),
  );
  for (const secret of [code, late.code, open.code]) expect(dump).not.toContain(secret);
});

test("sign-up by domain and by invitation refuse everyone else, with a clear message", async () => {
  const school = await aSchool();
  await asSystem(school, () => Settings.update({ signUp: { mode: "domain", domains: ["@School.EDU"] } }));
  await expect(asPublic(school, () => Identity.signUp(ada))).rejects.toMatchObject({
    code: "sign_up.domain",
    message: expect.stringContaining("@school.edu"),
  });
  for (const email of ["ada@evil.school.edu", "ada@school.edu.evil.test", "school.edu@evil.test"])
    await expect(asPublic(school, () => Identity.signUp({ ...ada, email }))).rejects.toMatchObject({
      code: "sign_up.domain",
    });
  await asPublic(school, () => Identity.signUp({ ...ada, email: "ada@school.edu" }));
  await asSystem(school, () => Settings.update({ signUp: { mode: "invitation", domains: [] } }));
  await expect(asPublic(school, () => Identity.signUp({ ...ada, email: "bob@school.edu" }))).rejects.toMatchObject({
    kind: "forbidden",
    code: "sign_up.invitation_only",
  });
});

// Each attempt uses its own address, because attempts are limited. It measures processor time, hashing threads
// included, because a busy machine stretches only the clock's; the order rotates, so load affects all three alike.
test("an unknown address, a wrong password and an account without one are told the same, in the same time", async () => {
  const school = await aSchool();
  const rounds = 20;
  const passwordHash = await Password.hash(password);
  await asSystem(school, () =>
    Db.use((tx) =>
      tx.insert(userTable).values(
        Array.from({ length: rounds }, (_, n) => [
          { id: createId("user"), email: `wrong${n}@example.test`, givenName: "A", passwordHash },
          { id: createId("user"), email: `without${n}@example.test`, givenName: "B" },
        ]).flat(),
      ),
    ),
  );
  const kinds = ["unknown", "wrong", "without"];
  const times: number[][] = [[], [], [], []];
  const answers = new Set<string>();
  const timed = async (list: number[] | undefined, work: () => Promise<unknown>) => {
    const from = process.cpuUsage();
    const answer = await work().catch((refused: unknown) => refused);
    const { user, system } = process.cpuUsage(from);
    list?.push(user + system);
    return answer;
  };
  await signIn(school, "warm@example.test").catch(() => undefined);
  for (let n = 0; n < rounds; n++) {
    for (let step = 0; step < kinds.length; step++) {
      const kind = (n + step) % kinds.length;
      const email = `${kinds[kind]}${n}@example.test`;
      answers.add(JSON.stringify(await timed(times[kind], () => signIn(school, email, "not the right password"))));
    }
    await timed(times[3], () => Password.verify("not the right password", passwordHash));
  }
  expect(answers.size).toBe(1);
  const medians = times.map((list) => list.sort((a, b) => a - b)[rounds / 2] ?? 0);
  const [hashing = 0] = medians.splice(3);
  const bound = 0.75;
  expect(Math.min(...medians) / Math.max(...medians)).toBeGreaterThan(bound);
  // The measure is worth something: an answer that left out the hashing would fall below the bound.
  expect((Math.max(...medians) - hashing) / Math.max(...medians)).toBeLessThan(bound);
}, 60_000);

test("asking for a reset answers the same for an address nobody has, and never faster", async () => {
  const school = await aSchool();
  await member(school);
  const time = async (email: string) => {
    const from = performance.now();
    expect(await asPublic(school, () => Identity.requestReset({ email }))).toBeUndefined();
    return performance.now() - from;
  };
  // The work takes a few milliseconds; the answer waits for a quarter of a second, whatever there was to do.
  for (const email of [ada.email, "nobody@example.test"]) expect(await time(email)).toBeGreaterThanOrEqual(245);
  expect(await mailed(school, "nobody@example.test", "reset_password")).toBeUndefined();
  expect(await mailed(school, ada.email, "reset_password")).toBeDefined();
});

test("five wrong passwords close an account for a while, even for the right one, known or not", async () => {
  const school = await aSchool();
  await member(school);
  for (const email of [ada.email, "nobody@example.test"]) {
    for (let n = 0; n < 5; n++)
      await expect(signIn(school, email, "not the right password")).rejects.toMatchObject({ kind: "unauthenticated" });
    await expect(signIn(school, email)).rejects.toMatchObject({
      kind: "rate_limited",
      code: "auth.too_many_attempts",
      retryAfter: expect.toSatisfy((seconds: number) => seconds > 14 * 60 && seconds <= 15 * 60),
    });
  }
  const other = await aSchool();
  await expect(signIn(other, ada.email)).rejects.toMatchObject({ kind: "unauthenticated" });
});

test("guesses sent at the same moment are counted one by one", async () => {
  const school = await aSchool();
  await member(school);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      signIn(school, ada.email, `guess number ${n}, at once`).catch((error: { kind: string }) => error.kind),
    ),
  );
  expect(outcomes.filter((kind) => kind === "unauthenticated").length).toBeLessThanOrEqual(5);
  expect(outcomes.filter((kind) => kind === "rate_limited").length).toBeGreaterThanOrEqual(15);
});

test("one address cannot guess over many accounts, and signing in rightly does not use it up", async () => {
  const school = await aSchool();
  await member(school);
  const guess = (n: number) =>
    asPublic(school, () =>
      Identity.checkPassword({ email: `p${n}@example.test`, password: "guessing away", ip: "203.0.113.9" }),
    ).catch((error: { kind: string }) => error.kind);
  const right = () => asPublic(school, () => Identity.checkPassword({ email: ada.email, password, ip: "203.0.113.7" }));
  for (let n = 0; n < 6; n++) expect(await right()).toMatchObject({ nextStep: "done" });
  for (let n = 0; n < 8; n += 4)
    expect(await Promise.all([0, 1, 2, 3].map((step) => guess(n + step)))).toEqual(Array(4).fill("unauthenticated"));
  // Up to the last one without the hashing that each guess costs.
  await asPublic(school, () => Promise.all(Array.from({ length: 91 }, () => Attempts.failed("203.0.113.9"))));
  expect(await guess(99)).toBe("unauthenticated");
  expect(await guess(100)).toBe("rate_limited");
});

test("a reset ends every session, works once, and proves the address", async () => {
  const school = await aSchool();
  const { userId } = await member(school);
  const { cookie } = await asPublic(school, () => Session.create({ userId, userAgent: "x", ip: "::1" }));
  expect(await asPublic(school, () => Session.resolve(cookie))).toMatchObject({ userId });
  await asPublic(school, () => Identity.requestReset({ email: ada.email }));
  const token = required(await mailed(school, ada.email, "reset_password"));
  await expect(asPublic(school, () => Identity.resetPassword({ token, password: "short" }))).rejects.toMatchObject({
    code: "password.too_short",
  });
  const next = "a wholly different phrase";
  await asPublic(school, () => Identity.resetPassword({ token, password: next }));
  expect(await asPublic(school, () => Session.resolve(cookie))).toBeUndefined();
  await expect(signIn(school, ada.email)).rejects.toMatchObject({ code: "auth.wrong_credentials" });
  expect(await signIn(school, ada.email, next)).toMatchObject({ nextStep: "done" });
  await expect(asPublic(school, () => Identity.resetPassword({ token, password: next }))).rejects.toMatchObject({
    kind: "gone",
  });
});

test("of two requests that bring one token at the same moment, one gets it", async () => {
  const school = await aSchool();
  await member(school);
  await asPublic(school, () => Identity.requestReset({ email: ada.email }));
  const token = required(await mailed(school, ada.email, "reset_password"));
  const outcomes = await Promise.allSettled(
    ["the first new password", "the second new password"].map((word) =>
      asPublic(school, () => Identity.resetPassword({ token, password: word })),
    ),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("a token opens one purpose, in one school, until it is over", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  await asPublic(school, () => Identity.signUp(ada));
  const token = required(await mailed(school, ada.email, "verify_email"));
  await expect(asPublic(school, () => Identity.resetPassword({ token, password }))).rejects.toMatchObject({
    kind: "gone",
  });
  await expect(asPublic(other, () => Identity.verifyEmail({ token, password }))).rejects.toMatchObject({
    kind: "gone",
  });
  await asSystem(school, () =>
    Db.use((tx) => tx.update(emailTokenTable).set({ expiresAt: new Date(Date.now() - 1000) })),
  );
  await expect(asPublic(school, () => Identity.verifyEmail({ token, password }))).rejects.toMatchObject({
    kind: "gone",
  });
});

test("only the consumer that sends the mail may mint", async () => {
  const school = await aSchool();
  await expect(asPublic(school, () => Identity.mintToken("tok_x"))).rejects.toMatchObject({ kind: "forbidden" });
  await expect(asUser(school, { roles: ["owner"] }, () => Identity.mintInvitation("inv_x"))).rejects.toMatchObject({
    kind: "forbidden",
  });
});

test("changing the password keeps this session and ends the others", async () => {
  const school = await aSchool();
  const { userId } = await member(school);
  const create = () => asPublic(school, () => Session.create({ userId }));
  const [here, there] = [await create(), await create()];
  const actor = required(await asPublic(school, () => Session.resolve(here.cookie)));
  const next = "a wholly different phrase";
  await expect(
    withActor(actor, () => Identity.changePassword({ current: "not this one", next })),
  ).rejects.toMatchObject({ code: "auth.wrong_credentials", fields: { current: expect.any(String) } });
  await withActor(actor, () => Identity.changePassword({ current: password, next }));
  expect(await asPublic(school, () => Session.resolve(here.cookie))).toMatchObject({ userId });
  expect(await asPublic(school, () => Session.resolve(there.cookie))).toBeUndefined();
});

test("a mailbox cannot be flooded", async () => {
  const school = await aSchool();
  const ask = () => asPublic(school, () => Identity.requestReset({ email: "someone@example.test" }));
  for (let n = 0; n < 5; n++) await ask();
  await expect(ask()).rejects.toMatchObject({ kind: "rate_limited" });
});

test("a hash with old parameters is renewed by signing in", async () => {
  const school = await aSchool();
  const { userId } = await member(school);
  const { argon2Sync } = await import("node:crypto");
  const nonce = Buffer.alloc(16, 1);
  const tag = argon2Sync("argon2id", {
    message: password,
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: 8192,
    passes: 3,
  });
  const text = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
  const old = `$argon2id$v=19$m=8192,t=3,p=1$${text(nonce)}$${text(tag)}`;
  const hashOf = () =>
    asSystem(school, () =>
      Db.use(async (tx) => (await tx.select().from(userTable).where(eq(userTable.id, userId)))[0]?.passwordHash),
    );
  await asSystem(school, () => Db.use((tx) => tx.update(userTable).set({ passwordHash: old })));
  expect(await signIn(school, ada.email)).toMatchObject({ nextStep: "done" });
  expect(await hashOf()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await signIn(school, ada.email)).toMatchObject({ nextStep: "done" });
});
