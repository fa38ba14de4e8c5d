import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { createId } from "@lectern/core/kernel/id";
import { AuthStore, Token } from "@lectern/core/people/identity";
import { aSchool, asPublic, aUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

// Rotates the signing key in a separate table, because other tests use tokens of the shared key.

const hour = 3600;
const common = Resource.AuthTable.name;

beforeAll(async () => {
  const TableName = `auth-${createId("run")}`;
  const keys = ["pk", "sk"];
  await Aws.dynamodb().send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? "HASH" : "RANGE" })),
    }),
  );
  Resource.AuthTable.name = TableName;
});
afterAll(() => {
  Resource.AuthTable.name = common;
});
afterEach(() => void vi.useRealTimers());

async function signingKeyIds(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { value } of AuthStore.scan(AuthStore.partitions.signingKeys)) ids.push(Object(value).id);
  return ids;
}

const aPerson = async (school: Route) => (await aUser(school, { roles: ["learner"] })).userId;

test("after a rotation the new key signs, and the old key's tokens stay valid until they expire", async () => {
  const school = await aSchool();
  const userId = await aPerson(school);
  const before = await asPublic(school, () => Token.issue({ userId }));
  const { keyId, retired } = await Token.rotateKeys({ waitMs: 0 });
  expect(await signingKeyIds()).toEqual([keyId]);
  Token.forgetKeys();
  const after = await asPublic(school, () => Token.issue({ userId }));
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
  expect(kidOf(after.accessToken)).toBe(keyId);
  expect(retired).toContain(kidOf(before.accessToken));
  for (const { accessToken } of [before, after])
    expect(await Token.verify(accessToken, school)).toMatchObject({ userId });
  const { keys } = await Token.keySet();
  expect(keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining([keyId, ...retired]));
  // After the last token of the old key has expired.
  vi.useFakeTimers({ now: Date.now() + 2 * hour * 1000, toFake: ["Date"] });
  Token.forgetKeys();
  expect((await Token.keySet()).keys.map(({ kid }) => kid)).not.toContain(retired[0]);
});

test("a leaked key is revoked at once, with every token it signed", async () => {
  const school = await aSchool();
  const userId = await aPerson(school);
  const { accessToken } = await asPublic(school, () => Token.issue({ userId }));
  await Token.rotateKeys({ revoke: true, waitMs: 0 });
  Token.forgetKeys();
  await expect(Token.verify(accessToken, school)).rejects.toMatchObject({ code: "token.invalid" });
});

test("the sign-in function replaces a key older than 90 days, once", async () => {
  const { keyId } = await Token.rotateKeys({ waitMs: 0 });
  await Token.ensureKeys();
  expect(await signingKeyIds()).toEqual([keyId]);
  vi.useFakeTimers({ now: Date.now() + 91 * 24 * hour * 1000, toFake: ["Date"] });
  await Promise.all([Token.ensureKeys(), Token.ensureKeys()]);
  const after = await signingKeyIds();
  expect(after).toHaveLength(1);
  expect(after).not.toContain(keyId);
}, 30_000);
