import { expect, test } from "vitest";
import { Aws } from "../../kernel/aws/index.ts";
import * as Secret from "../../kernel/crypto/index.ts";
import { Secrets } from "../../kernel/secret/index.ts";
import { Operator } from "./index.ts";
import { OperatorSessionItem } from "./operator.entity.ts";

test("signing out ends a session on the server, and no other session", async () => {
  const [one, other] = await Promise.all([Operator.beginSession(), Operator.beginSession()]);
  expect(await Promise.all([one, other].map(Operator.isSession))).toEqual([true, true]);
  await Aws.asDoor("Web", () => Operator.endSession(one));
  expect(await Promise.all([one, other].map(Operator.isSession))).toEqual([false, true]);
  await Operator.endSession(one);
  await Operator.endSession("forged.seal");
  await Operator.endSession(undefined);
});

test.each([undefined, "", "x", "x.y", "x.y.z"])("%j is no session", async (cookie) => {
  expect(await Operator.isSession(cookie)).toBe(false);
});

/** The secret that a session's cookie carries: readable, not forgeable. */
const secretIn = (cookie: string): string =>
  JSON.parse(Buffer.from(cookie.split(".")[0] ?? "", "base64url").toString("utf8")).secret;

test("a session expires by its cookie and by its row, each without the other", async () => {
  const token = await Secrets.get("OperatorToken");
  const cookie = await Operator.beginSession();
  const secret = secretIn(cookie);
  const seal = (seconds: number) => Secret.seal(token, "operator-session", { secret }, seconds);
  expect(await Promise.all([seal(60), seal(-1)].map(Operator.isSession))).toEqual([true, false]);
  const now = Math.floor(Date.now() / 1000);
  const row = OperatorSessionItem().patch({ sessionHash: Secret.hashOf(secret) });
  await row.set({ expiresAt: now - 1 }).go();
  expect(await Operator.isSession(cookie)).toBe(false);
});

test("a session's cookie and row both carry eight hours", async () => {
  const cookie = await Operator.beginSession();
  const { exp } = JSON.parse(Buffer.from(cookie.split(".")[0] ?? "", "base64url").toString("utf8"));
  const { data } = await OperatorSessionItem()
    .get({ sessionHash: Secret.hashOf(secretIn(cookie)) })
    .go();
  for (const at of [exp, data?.expiresAt]) {
    expect(at - Date.now() / 1000).toBeLessThanOrEqual(8 * 3600 + 1);
    expect(at - Date.now() / 1000).toBeGreaterThan(8 * 3600 - 600);
  }
});
