import { aSchool, asPublic } from "@lectern/tenants/testing";
import { afterEach, expect, test, vi } from "vitest";
import { Attempts } from "./attempts.ts";

const minute = 60_000;
const { account } = Attempts.limits;

afterEach(() => void vi.useRealTimers());

/** The clock of the test; attempts answer "ok", or the seconds to wait. */
async function aClock() {
  const school = await aSchool();
  const begun = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: begun });
  let passed = 0;
  return {
    pass: (ms: number) => {
      passed += ms;
      vi.setSystemTime(begun + passed);
    },
    attempt: async (times = 1) => {
      const answers = [];
      for (let i = 0; i < times; i++)
        answers.push(
          await asPublic(school, () => Attempts.admit(account, "ada@example.test")).then(
            () => "ok",
            (error: { retryAfter?: number }) => error.retryAfter,
          ),
        );
      return answers;
    },
    forgive: () => asPublic(school, () => Attempts.forgive(account, "ada@example.test")),
  };
}

const five = ["ok", "ok", "ok", "ok", "ok"];

test("five attempts are followed by a pause of 15, 30, 60 and again 60 minutes", async () => {
  const { pass, attempt } = await aClock();
  for (const minutes of [15, 30, 60, 60]) {
    expect(await attempt(6)).toEqual([...five, minutes * 60]);
    pass(minutes * minute - 1_000);
    expect(await attempt()).toEqual([1]);
    pass(1_000);
  }
});

test("attempts of the window before count no more", async () => {
  const { pass, attempt } = await aClock();
  expect(await attempt(4)).toEqual(five.slice(1));
  pass(account.windowMs);
  expect(await attempt(6)).toEqual([...five, 15 * 60]);
});

test("an attempt that turns out well begins the count and the pauses anew", async () => {
  const { pass, attempt, forgive } = await aClock();
  await attempt(5);
  pass(15 * minute);
  expect(await attempt(4)).toEqual(five.slice(1));
  await forgive();
  expect(await attempt(6)).toEqual([...five, 15 * 60]);
});
