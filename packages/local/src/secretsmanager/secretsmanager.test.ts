import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientOptions } from "../testing/index.ts";
import * as service from "./index.ts";

let part: Awaited<ReturnType<typeof service.start>>;
let client: SecretsManagerClient;
beforeAll(async () => {
  part = await service.start();
  client = new SecretsManagerClient(clientOptions(part.endpoint));
});
afterAll(() => part.stop());

const tokens = ["a", "b", "c"].map((letter) => letter.repeat(32)) as [string, string, string];
const put = (SecretId: string, token: string, SecretString: string, stage?: string) =>
  client.send(
    new PutSecretValueCommand({
      ...{ SecretId, SecretString, ClientRequestToken: token },
      ...(stage && { VersionStages: [stage] }),
    }),
  );
const stagesOf = async (SecretId: string) =>
  (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages ?? {};
const currentOf = async (SecretId: string): Promise<string> =>
  Object.entries(await stagesOf(SecretId)).find(([, stages]) => stages.includes("AWSCURRENT"))?.[0] ?? "";

test("a new value is in force at once unless it is put under another label, and the one before is known", async () => {
  const arn = part.create("one", "first");
  const first = await currentOf(arn);
  await put(arn, tokens[0], "second");
  expect(await stagesOf(arn)).toEqual({ [first]: ["AWSPREVIOUS"], [tokens[0]]: ["AWSCURRENT"] });
  await put(arn, tokens[1], "third", "AWSPENDING");
  expect((await client.send(new GetSecretValueCommand({ SecretId: "one" }))).SecretString).toBe("second");
});

test("a version is never changed: the same again is the same, another value is refused", async () => {
  const arn = part.create("two", "first");
  await put(arn, tokens[0], "second");
  await put(arn, tokens[0], "second");
  await expect(put(arn, tokens[0], "other")).rejects.toMatchObject({ name: "ResourceExistsException" });
});

test("a label is moved by who knows where it is", async () => {
  const arn = part.create("three", "first");
  const first = await currentOf(arn);
  await put(arn, tokens[0], "second", "AWSPENDING");
  const move = (RemoveFromVersionId?: string) =>
    client.send(
      new UpdateSecretVersionStageCommand({
        ...{ SecretId: arn, VersionStage: "AWSCURRENT", MoveToVersionId: tokens[0] },
        ...(RemoveFromVersionId && { RemoveFromVersionId }),
      }),
    );
  await expect(move()).rejects.toMatchObject({ name: "InvalidParameterException" });
  await expect(move(tokens[0])).rejects.toMatchObject({ name: "InvalidParameterException" });
  await expect(move(tokens[2])).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await move(first);
  expect(await stagesOf(arn)).toEqual({ [first]: ["AWSPREVIOUS"], [tokens[0]]: ["AWSPENDING", "AWSCURRENT"] });
  const drop = new UpdateSecretVersionStageCommand({
    ...{ SecretId: arn, VersionStage: "AWSCURRENT", RemoveFromVersionId: tokens[0] },
  });
  await expect(client.send(drop)).rejects.toMatchObject({ name: "InvalidParameterException" });
});

test("a rotation starts with an empty version, and an unfinished one resumes", async () => {
  const arn = part.create("four", "first");
  const token = part.begin(arn);
  const ask = { SecretId: arn, VersionId: token, VersionStage: "AWSPENDING" };
  await expect(client.send(new GetSecretValueCommand(ask))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  expect(part.begin(arn)).toBe(token);
  await put(arn, token, "second", "AWSPENDING");
  const wrong = client.send(new GetSecretValueCommand({ ...ask, VersionStage: "AWSCURRENT" }));
  await expect(wrong).rejects.toMatchObject({ name: "InvalidRequestException" });
});
