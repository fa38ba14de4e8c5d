import * as secretsManager from "@lectern/local/secretsmanager";
import * as websocket from "@lectern/local/websocket";
import { asSystem } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { expect } from "vitest";
import { SocketItem } from "../../packages/functions/src/websocket/socket.entity.ts";
import type { Launched } from "./bundles.ts";
import { aConnection, aGuest, arriving, aTurn } from "./bundles-calls.ts";
import type { Case, Running } from "./bundles-case.ts";
import type { Town } from "./bundles-town.ts";
import { recorded } from "./events/index.ts";

// Functions that AWS calls: the WebSocket authorizer and routes, and the rotation of secrets.

let vault: Awaited<ReturnType<typeof secretsManager.start>> | undefined;
let sockets: Awaited<ReturnType<typeof websocket.start>> | undefined;
const vaultOf = async () => {
  vault = await secretsManager.start();
  return { env: { AWS_ENDPOINT_URL_SECRETS_MANAGER: vault.endpoint }, stop: vault.stop };
};
const there = <T>(part: T | undefined): T => {
  if (part === undefined) throw new Error("the case has not been prepared");
  return part;
};

export const restCases: Readonly<Record<string, Case>> = {
  SocketAuthorize: { run: authorizes },
  SocketServe: {
    async prepare() {
      sockets = await websocket.start();
      const Socket = { url: "wss://ws.lectern.example", managementEndpoint: sockets.endpoint };
      return { resources: { Socket }, env: {}, stop: sockets.stop };
    },
    run: (town, fn) => answersOverItsConnection(town, fn),
  },
  Rotation: { prepare: vaultOf, run: (_, fn) => turnsThroughDeaths(fn) },
};

async function authorizes(town: Town, { invoke }: Running): Promise<void> {
  const { userId, accessToken, host } = await aGuest(town);
  const effectOf = (effect: string) => ({ policyDocument: { Statement: [{ Effect: effect }] } });
  expect(await invoke(arriving(host, accessToken))).toMatchObject({
    ...effectOf("Allow"),
    principalId: userId,
    context: { schoolId: town.school.schoolId, userId },
  });
  for (const [at, token] of [
    [host, `${accessToken.slice(0, -4)}AAAA`],
    [`${town.other.slug}.${Resource.Platform.domain}`, accessToken],
    ["evil.example", accessToken],
  ] as const)
    expect(await invoke(arriving(at, token))).toMatchObject(effectOf("Deny"));
}

async function answersOverItsConnection(town: Town, { invoke }: Running): Promise<void> {
  const management = there(sockets);
  const { userId, connectionId, event } = await aConnection(town, management);
  const key = { schoolId: town.school.schoolId, userId, connectionId };
  const row = () => asSystem(town.school, async () => (await SocketItem().get(key).go()).data);

  expect(await invoke(event("socket-connect"))).toMatchObject({ statusCode: 200 });
  expect(await row()).toMatchObject({ connectionId });
  expect(await invoke(event("socket-message"))).toMatchObject({ statusCode: 200 });
  expect(await invoke(event("socket-message", "not JSON"))).toMatchObject({ statusCode: 200 });
  expect(management.messages(connectionId)).toEqual([
    { type: "badge", unread: 0 },
    { type: "error", code: "message.unknown" },
  ]);
  expect(await invoke(event("socket-disconnect"))).toMatchObject({ statusCode: 200 });
  expect(await row()).toBeNull();
}

/**
 * A whole rotation in which each step dies after its effect and before the answer, runs again in a new process, and is
 * then repeated.
 */
async function turnsThroughDeaths(fn: Running): Promise<void> {
  const service = there(vault);
  const { arn, old, token, event } = aTurn(service);
  for (const Step of secretsManager.steps) {
    const turn = event(Step);
    await dies(await fn.another(), turn, Step);
    const { invoke } = await fn.another();
    expect(await invoke(turn)).toBeNull();
    expect(await invoke(turn)).toBeNull();
  }
  const value = await valueIn(arn);
  expect(value.previous).toEqual(old);
  expect(value.current.id).not.toBe(old.id);
  // A restarted rotation has a new token; the old one is refused.
  expect(service.begin(arn)).not.toBe(token);
  const foreign = { ...recorded("rotation"), SecretId: arn };
  await expect(fn.invoke(foreign)).rejects.toThrow(/has no turn/);
}

const lastOf: Readonly<Record<string, string>> = {
  createSecret: "PutSecretValue",
  setSecret: "DescribeSecret",
  testSecret: "GetSecretValue",
  finishSecret: "UpdateSecretVersionStage",
};

async function dies(process: Launched, turn: unknown, step: string): Promise<void> {
  const service = there(vault);
  const done = new Promise<void>((resolve) => {
    service.onDone = (operation) => {
      if (operation !== lastOf[step]) return;
      process.kill();
      resolve();
    };
  });
  await expect(process.invoke(turn)).rejects.toThrow(/SIGKILL/);
  await done;
  service.onDone = undefined;
}

async function valueIn(arn: string) {
  const { SecretsManagerClient, GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new SecretsManagerClient({ endpoint: there(vault).endpoint, region: "us-east-1", credentials });
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return JSON.parse(SecretString);
}
