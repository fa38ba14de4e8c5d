import { aSchool, asPublic, asUser, aUser } from "@lectern/tenants/testing";
import { afterEach, expect, test, vi } from "vitest";
import { Session } from "./index.ts";

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
