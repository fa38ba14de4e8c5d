import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { afterEach, expect, test, vi } from "vitest";
import { Identity, Session } from "./index.ts";
import { SessionItem } from "./session.entity.ts";

const day = 24 * 60 * 60 * 1000;

afterEach(() => void vi.useRealTimers());

async function aSession() {
  const school = await aSchool();
  const { userId } = await aUser(school, { roles: ["learner"] });
  const begun = Date.now();
  const { cookie, sessionId } = await asPublic(school, () => Session.create({ userId }));
  vi.useFakeTimers({ toFake: ["Date"], now: begun });
  const after = (ms: number) => void vi.setSystemTime(begun + ms);
  const resolve = () => asPublic(school, () => Session.resolve(cookie));
  const listed = () => asUser(school, { roles: ["learner"], userId }, () => Session.list());
  return { school, userId, sessionId, cookie, after, resolve, listed };
}

test("a session in daily use ends 180 days after the sign-in", async () => {
  const { userId, after, resolve, listed } = await aSession();
  for (let days = 20; days < 180; days += 20) {
    after(days * day);
    expect(await resolve()).toMatchObject({ userId });
  }
  after(180 * day - 60_000);
  expect(await resolve()).toMatchObject({ userId });
  expect(await listed()).toHaveLength(1);
  // It was used a minute ago, so idleness does not end it.
  after(180 * day + 60_000);
  expect(await resolve()).toBeUndefined();
  expect(await listed()).toEqual([]);
});

test("a session that is not used for 30 days ends, and use moves that end", async () => {
  const { userId, after, resolve, listed } = await aSession();
  after(29 * day);
  expect(await resolve()).toMatchObject({ userId });
  after(58 * day);
  expect(await resolve()).toMatchObject({ userId });
  after(58 * day + 31 * day);
  expect(await resolve()).toBeUndefined();
  expect(await listed()).toEqual([]);
});

test("a session that is revoked or ended is refused at once by a process that remembers it", async () => {
  for (const end of [Session.revoke, Session.end]) {
    const { school, userId, sessionId, resolve } = await aSession();
    expect(await resolve()).toMatchObject({ userId });
    await asUser(school, { roles: ["learner"], userId }, () => end({ userId, sessionId }));
    expect(await resolve()).toBeUndefined();
  }
});

// Each item is deleted as well; the table may be unavailable for that.
test("signing out everywhere and a suspension end also the sessions whose items stay", async () => {
  const ways: Record<string, (userId: string) => Promise<unknown>> = {
    "signing out everywhere": () => Session.revokeAll({}),
    suspension: async (userId) => {
      await Identity.suspend({ userId });
      await Identity.reinstate({ userId });
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    const { school, userId, sessionId, after, resolve, listed } = await aSession();
    expect(await resolve(), name).toMatchObject({ userId });
    const item = SessionItem.asPlatform(school.table);
    const { data } = await item.get({ schoolId: school.schoolId, userId, sessionId }).go();
    if (!data) throw new Error("the session was not stored");
    after(1_000);
    await (name === "suspension"
      ? asSystem(school, () => way(userId))
      : asUser(school, { roles: ["learner"], userId }, () => way(userId)));
    await item.put(data).go();
    expect(await resolve(), name).toBeUndefined();
    expect(await listed(), name).toEqual([]);
  }
});
