import { randomUUID } from "node:crypto";
import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { isRecord } from "../util/files.ts";
import { messageOf, type Part, since } from "../util/part.ts";
import { listen } from "../util/ports.ts";
import { SecretsManagerError, Versions } from "./versions.ts";

/** The event with which Secrets Manager calls a rotation function. */
export interface Turn {
  readonly Step: "createSecret" | "setSecret" | "testSecret" | "finishSecret";
  readonly SecretId: string;
  readonly ClientRequestToken: string;
}

export interface SecretsManager extends Part {
  readonly port: number;
  readonly endpoint: string;
  /** Creates a secret with its first value and returns its ARN. `isRotated` false disables rotation. */
  create(name: string, value: string, isRotated?: boolean): string;
  /** Starts a rotation as RotateSecret does and returns its token, or the token of an unfinished one. */
  begin(arn: string): string;
  /** Runs a whole rotation: calls the function for each of the four steps. */
  rotate(arn: string, handler: (turn: Turn) => Promise<unknown>): Promise<void>;
  /** Called after an operation took effect and before its answer, so that a test can kill the caller there. */
  onDone: ((operation: string) => Promise<void> | void) | undefined;
}

export const steps = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

interface Secret {
  readonly name: string;
  readonly versions: Versions;
  readonly isRotated: boolean;
}

/**
 * The reading and rotation parts of Secrets Manager for the unmodified SDK client: DescribeSecret, GetSecretValue,
 * PutSecretValue, UpdateSecretVersionStage, with the service's rules for versions and staging labels. Kept in memory:
 * only tests of rotation use it.
 */
export async function start({ port: wanted }: { port?: number } = {}): Promise<SecretsManager> {
  const from = performance.now();
  const secrets = new Map<string, Secret>();
  const secretOf = (id: unknown): [string, Secret] => {
    const found = [...secrets].find(([arn, { name }]) => id === arn || id === name);
    if (found) return found;
    throw new SecretsManagerError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  };

  const operations: Record<string, (input: Record<string, unknown>) => Record<string, unknown>> = {
    DescribeSecret: ({ SecretId }) => {
      const [ARN, { name, versions, isRotated }] = secretOf(SecretId);
      return { ARN, Name: name, RotationEnabled: isRotated, VersionIdsToStages: versions.stages() };
    },
    GetSecretValue: ({ SecretId, VersionId, VersionStage }) => {
      const [ARN, { name, versions }] = secretOf(SecretId);
      const found = versions.get({ versionId: optional(VersionId), stage: optional(VersionStage) });
      return {
        ...{ ARN, Name: name, VersionId: found.versionId },
        ...{ SecretString: found.value, VersionStages: found.stages, CreatedDate: Date.now() / 1000 },
      };
    },
    PutSecretValue: ({ SecretId, ClientRequestToken, SecretString, VersionStages }) => {
      const [ARN, { name, versions }] = secretOf(SecretId);
      const stages = Array.isArray(VersionStages) ? VersionStages.map(String) : ["AWSCURRENT"];
      const put = versions.put(optional(ClientRequestToken) ?? randomUUID(), String(SecretString), stages);
      return { ARN, Name: name, VersionId: put.versionId, VersionStages: put.stages };
    },
    UpdateSecretVersionStage: ({ SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId }) => {
      const [ARN, { name, versions }] = secretOf(SecretId);
      const [moveTo, removeFrom] = [optional(MoveToVersionId), optional(RemoveFromVersionId)];
      versions.updateStage({ stage: String(VersionStage), moveTo, removeFrom });
      return { ARN, Name: name };
    },
  };

  const app = new Hono();
  app.post("/", async (c) => {
    const answer = (status: 200 | 400 | 500, body: unknown) =>
      c.body(JSON.stringify(body), status, {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-requestid": randomUUID(),
      });
    const [service, name = ""] = (c.req.header("x-amz-target") ?? "").split(".");
    const run = operations[name];
    if (service !== "secretsmanager" || !run) return answer(400, { __type: "UnknownOperationException" });
    if (!c.req.header("authorization"))
      return answer(400, { __type: "MissingAuthenticationTokenException", Message: "Missing Authentication Token" });
    try {
      const input: unknown = await c.req.json();
      const output = run(isRecord(input) ? input : {});
      await part.onDone?.(name);
      return answer(200, output);
    } catch (error) {
      if (error instanceof SecretsManagerError) return answer(400, { __type: error.name, Message: error.message });
      return answer(500, { __type: "InternalServiceError", Message: messageOf(error) });
    }
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const port = await listen(server, wanted);
  let stopped: Promise<void> | undefined;
  const part: SecretsManager = {
    name: "Secrets Manager",
    address: `http://127.0.0.1:${port}`,
    ms: since(from),
    port,
    endpoint: `http://127.0.0.1:${port}`,
    onDone: undefined,
    create(name, value, isRotated = true) {
      const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-${randomUUID().slice(0, 6)}`;
      secrets.set(arn, { name, versions: new Versions(value), isRotated });
      return arn;
    },
    begin: (arn) => secretOf(arn)[1].versions.begin(randomUUID()),
    async rotate(arn, handler) {
      const ClientRequestToken = part.begin(arn);
      for (const Step of steps) await handler({ Step, SecretId: arn, ClientRequestToken });
    },
    stop: () => {
      server.closeAllConnections();
      stopped ??= new Promise((resolve) => server.close(() => resolve()));
      return stopped;
    },
  };
  return part;
}

const optional = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
