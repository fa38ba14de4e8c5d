import { expect, test } from "vitest";
import { Aws } from "../kernel/aws/index.ts";
import { Operator } from "./index.ts";

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
