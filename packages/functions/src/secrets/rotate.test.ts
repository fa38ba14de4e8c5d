import { randomBytes } from "node:crypto";
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as local from "@lectern/local/secretsmanager";
import { clientOptions } from "@lectern/local/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

// Against a Secrets Manager with the service's rules for versions and stages. infra/test/bundles.test.ts kills the
// function inside each step.

let service: Awaited<ReturnType<typeof local.start>>;
let client: SecretsManagerClient;
let handler: (event: unknown) => Promise<void>;
const before = { ...process.env };
beforeAll(async () => {
  service = await local.start();
  client = new SecretsManagerClient(clientOptions(service.endpoint));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: service.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local-secret",
  });
  ({ handler } = await import("./rotate.ts"));
});
afterAll(async () => {
  process.env = before;
  await service.stop();
});

const random = () => randomBytes(32).toString("base64url");
const read = async (arn: string, stage = "AWSCURRENT"): Promise<string | undefined> => {
  const found = await client.send(new GetSecretValueCommand({ SecretId: arn, VersionStage: stage }));
  return found.SecretString;
};
const turnOf = (arn: string) => {
  const ClientRequestToken = service.begin(arn);
  return (Step: (typeof local.steps)[number]) => handler({ Step, SecretId: arn, ClientRequestToken });
};

test("plain text rotates: the new value is current, and the previous one is kept", async () => {
  const first = random();
  const arn = service.create("SessionSecret", first);
  await service.rotate(arn, handler);
  const second = await read(arn);
  expect(second).toMatch(/^[\w-]{43}$/);
  expect([second === first, await read(arn, "AWSPREVIOUS")]).toEqual([false, first]);
  await service.rotate(arn, handler);
  expect(await read(arn, "AWSPREVIOUS")).toBe(second);
});

test("in a pair the current key becomes the previous one, and the old previous key is dropped", async () => {
  const pair = { current: { id: "two", secret: random() }, previous: { id: "one", secret: random() } };
  const arn = service.create("InternalKeys", JSON.stringify(pair));
  await service.rotate(arn, handler);
  const made = JSON.parse((await read(arn)) ?? "");
  expect(made.previous).toEqual(pair.current);
  expect(made.current.id).not.toBe("two");
  expect(JSON.stringify(made)).not.toContain(pair.previous.secret);
});

test("repeating each step makes one rotation and one new value", async () => {
  const arn = service.create("OperatorToken", random());
  const step = turnOf(arn);
  await step("createSecret");
  const made = await read(arn, "AWSPENDING");
  for (const each of local.steps) {
    await step(each);
    await step(each);
  }
  expect(await read(arn)).toBe(made);
});

test("an unfinished rotation changes nothing for readers", async () => {
  const first = random();
  const arn = service.create("SessionSecret", first);
  const step = turnOf(arn);
  for (const each of ["createSecret", "setSecret", "testSecret"] as const) await step(each);
  expect(await read(arn)).toBe(first);
  // A rotation that was left pending resumes with its own token.
  await service.rotate(arn, handler);
  expect(await read(arn, "AWSPREVIOUS")).toBe(first);
});

test("a value that another writer put there meanwhile is refused", async () => {
  for (const [present, planted] of [
    [random(), "too short"],
    [random(), JSON.stringify({ current: { id: "x", secret: random() } })],
    [JSON.stringify({ current: { id: "one", secret: random() } }), random()],
    [
      JSON.stringify({ current: { id: "one", secret: random() } }),
      JSON.stringify({ current: { id: "x", secret: random() }, previous: { id: "other", secret: random() } }),
    ],
  ] as const) {
    const arn = service.create("Planted", present);
    const ClientRequestToken = service.begin(arn);
    await client.send(
      new PutSecretValueCommand({
        ...{ SecretId: arn, ClientRequestToken },
        ...{ SecretString: planted, VersionStages: ["AWSPENDING"] },
      }),
    );
    const test = handler({ Step: "testSecret", SecretId: arn, ClientRequestToken });
    await expect(test).rejects.toThrow(/is not good/);
    expect(await read(arn)).toBe(present);
  }
});

test("a rotation that does not change the value is refused", async () => {
  const value = random();
  const arn = service.create("Same", value);
  const ClientRequestToken = service.begin(arn);
  const put = { SecretId: arn, ClientRequestToken, SecretString: value, VersionStages: ["AWSPENDING"] };
  await client.send(new PutSecretValueCommand(put));
  await expect(handler({ Step: "testSecret", SecretId: arn, ClientRequestToken })).rejects.toThrow(/is not good/);
});

test("unknown tokens, secrets and steps, and secrets without rotation, are refused", async () => {
  const arn = service.create("SessionSecret", random());
  const still = service.create("Still", random(), false);
  const token = "0b5c1f6e-6d0a-4b7e-8a53-1d9e2f3a4b5c";
  const create = { Step: "createSecret", ClientRequestToken: token };
  await expect(handler({ ...create, SecretId: arn })).rejects.toThrow(/has no turn/);
  await expect(handler({ ...create, SecretId: still })).rejects.toThrow(/has no turn/);
  await expect(handler({ ...create, SecretId: "arn:nothing" })).rejects.toThrow(/can't find/);
  await expect(handler({ ...create, Step: "deleteSecret", SecretId: arn })).rejects.toThrow();
  await expect(handler({})).rejects.toThrow();
  // Testing or finishing a version that was never created changes nothing.
  const step = turnOf(arn);
  await expect(step("testSecret")).rejects.toThrow(/is not good/);
});
