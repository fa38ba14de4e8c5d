import { randomBytes } from "node:crypto";
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { onAws } from "@lectern/core/kernel/aws/client";
import * as z from "zod";

// Secrets Manager rotates our own secrets by calling this four times, one step each, and may repeat any step. A value
// is random text, or a pair of keys of which the previous one stays valid until the next rotation.

const Turn = z.object({
  SecretId: z.string(),
  /** Id of the new version. */
  ClientRequestToken: z.string(),
  Step: z.enum(["createSecret", "setSecret", "testSecret", "finishSecret"]),
});
type Turn = z.output<typeof Turn>;

const Key = z.object({ id: z.string().min(1), secret: z.string().min(43) });
const Pair = z.object({ current: Key, previous: Key.optional() });

const client = new SecretsManagerClient(onAws(5_000));

/** Runs one step of a rotation. */
export async function handler(event: unknown): Promise<void> {
  const turn = Turn.parse(event);
  const { RotationEnabled, VersionIdsToStages: versions = {} } = await client.send(
    new DescribeSecretCommand({ SecretId: turn.SecretId }),
  );
  const stages = versions[turn.ClientRequestToken];
  if (!RotationEnabled || !stages) throw new Error(`${turn.SecretId} has no turn ${turn.ClientRequestToken} under way`);
  if (stages.includes("AWSCURRENT")) return; // repeated after completion
  switch (turn.Step) {
    case "createSecret":
      return create(turn);
    case "setSecret":
      return; // no other system holds a copy to change
    case "testSecret":
      return test(turn);
    case "finishSecret":
      return finish(turn, versions);
  }
}

async function create(turn: Turn): Promise<void> {
  if ((await pending(turn)) !== undefined) return;
  await client.send(
    new PutSecretValueCommand({
      SecretId: turn.SecretId,
      ClientRequestToken: turn.ClientRequestToken,
      SecretString: nextOf(await current(turn)),
      VersionStages: ["AWSPENDING"],
    }),
  );
}

async function test(turn: Turn): Promise<void> {
  const [before, after] = [await current(turn), await pending(turn)];
  if (after === undefined || !isNextOf(before, after))
    throw new Error(`the next value of ${turn.SecretId} is not good`);
}

async function finish(turn: Turn, versions: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const old = Object.keys(versions).find((id) => versions[id]?.includes("AWSCURRENT"));
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: turn.SecretId,
      VersionStage: "AWSCURRENT",
      MoveToVersionId: turn.ClientRequestToken,
      RemoveFromVersionId: old,
    }),
  );
}

async function current({ SecretId }: Turn): Promise<string> {
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId }));
  return SecretString;
}

async function pending({ SecretId, ClientRequestToken }: Turn): Promise<string | undefined> {
  try {
    const { SecretString } = await client.send(
      new GetSecretValueCommand({ SecretId, VersionId: ClientRequestToken, VersionStage: "AWSPENDING" }),
    );
    return SecretString;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

const random = () => randomBytes(32).toString("base64url");

/** Returns the value that follows. */
function nextOf(value: string): string {
  const pair = pairOf(value);
  if (!pair) return random();
  return JSON.stringify({ current: { id: randomBytes(6).toString("hex"), secret: random() }, previous: pair.current });
}

function isNextOf(before: string, after: string): boolean {
  const [old, made] = [pairOf(before), pairOf(after)];
  if (!old) return !made && after.length >= 43 && after !== before;
  return made?.previous?.id === old.current.id && made.current.secret !== old.current.secret;
}

/** Parses a key pair; undefined for plain text. */
function pairOf(value: string): z.output<typeof Pair> | undefined {
  return value.startsWith("{") ? Pair.parse(JSON.parse(value)) : undefined;
}
