import { type ChildProcess, fork } from "node:child_process";
import { createCipheriv, randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Bundle, Graph } from "../synth/graph.ts";
import { root } from "../synth/paths.ts";
import { unzip } from "./unzip.ts";

type Values = Readonly<Record<string, unknown>>;

export interface Unpacked {
  readonly bundle: Bundle;
  readonly folder: string;
  /** Lambda's environment, with the links in `resource.enc`. */
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

export type Launchable = Pick<Unpacked, "folder" | "env"> & { readonly bundle: Pick<Bundle, "name" | "handler"> };

export interface Launched {
  readonly importMs: number;
  invoke(event: unknown): Promise<unknown>;
  readonly lastMs: number;
  readonly cpuMs: number;
  said(): string;
  kill(): void;
}

/** Unpacks a zip outside the repository's node_modules and writes the encrypted links beside it, as SST's CLI does. */
export async function unpack(
  graph: Graph,
  bundle: Bundle,
  resources: Values,
  env: Record<string, string> = {},
): Promise<Unpacked> {
  const folder = mkdtempSync(path.join(tmpdir(), `lectern-${bundle.name.toLowerCase()}-`));
  if (folder.startsWith(root)) throw new Error("a bundle must not stand in the repository");
  await unzip(bundle.zip, folder);
  const key = randomBytes(32);
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12, 0));
  const linked = JSON.stringify(linkedOf(bundle, resources));
  writeFileSync(
    path.join(folder, "resource.enc"),
    Buffer.concat([cipher.update(linked), cipher.final(), cipher.getAuthTag()]),
  );
  return {
    bundle,
    folder,
    env: {
      PATH: process.env.PATH ?? "",
      TZ: ":UTC",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local-secret",
      AWS_LAMBDA_FUNCTION_NAME: `lectern-local-${bundle.name}`,
      LAMBDA_TASK_ROOT: folder,
      SST_KEY: key.toString("base64"),
      SST_KEY_FILE: "resource.enc",
      SST_RESOURCE_App: JSON.stringify(resources.App),
      ...ownEnvironment(graph, bundle.name, folder),
      ...env,
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The local cloud's resources that the function is linked to, and the named secrets and queues. */
function linkedOf({ links, linked }: Bundle, resources: Values): Values {
  const some = (value: unknown, names: unknown) =>
    Object.fromEntries(Object.keys(names ?? {}).map((name) => [name, Reflect.get(value as object, name)]));
  const { Secrets, Queues } = resources as { Secrets: { values: Values }; Queues: { urls: Values } };
  const parts: Record<string, unknown> = {
    ...resources,
    Secrets: { values: some(Secrets.values, Reflect.get(linked.Secrets ?? {}, "arns")) },
    Queues: { urls: some(Queues.urls, Reflect.get(linked.Queues ?? {}, "urls")) },
  };
  return Object.fromEntries(["App", "LocalCloud", ...links].map((name) => [name, parts[name]]));
}

/** The function's variables in the graph without SST's own; `/var/task` becomes the unpacked folder. */
function ownEnvironment(graph: Graph, name: string, folder: string): Record<string, string> {
  const made = graph.resources.find(
    (each) => each.type === "aws:lambda/function:Function" && each.name === `${name}Function`,
  );
  const { variables = {} } = (made?.inputs.environment ?? {}) as { variables?: Record<string, string> };
  return Object.fromEntries(
    Object.entries(variables)
      .filter(([key]) => key.startsWith("LECTERN_"))
      .map(([key, value]) => [key, value.replace("/var/task", folder)]),
  );
}

/** Starts a process as a cold start does: plain Node.js with the function's environment only. */
export async function launch({ bundle, folder, env }: Launchable): Promise<Launched> {
  const [module = "", name = ""] = bundle.handler.split(".");
  const child = fork(path.join(root, "infra/test/bundles-run.mjs"), [folder, module, name], {
    cwd: folder,
    env: env as NodeJS.ProcessEnv,
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-20_000);
    });
  const context = {
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: "1",
    invokedFunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:${env.AWS_LAMBDA_FUNCTION_NAME}:live`,
    memoryLimitInMB: "1024",
    callbackWaitsForEmptyEventLoop: true,
  };
  const first = await heard(child, () => said);
  let lastMs = 0;
  let cpuMs = first.cpuMs ?? 0;
  return {
    importMs: first.ready ?? 0,
    get lastMs() {
      return lastMs;
    },
    get cpuMs() {
      return cpuMs;
    },
    async invoke(event) {
      const answered = heard(child, () => said);
      child.send({ event, context: { ...context, awsRequestId: randomUUID() } });
      const { answer, error, ms = 0, cpuMs: used = 0 } = await answered;
      lastMs = ms;
      cpuMs += used;
      if (error) throw Object.assign(new Error(`${error.message}\n${said}`), { name: error.name });
      return answer;
    },
    said: () => said,
    kill: () => void child.kill("SIGKILL"),
  };
}

interface Said {
  readonly ready?: number;
  readonly answer?: unknown;
  readonly ms?: number;
  readonly cpuMs?: number;
  readonly error?: { readonly name: string; readonly message: string };
}

function heard(child: ChildProcess, said: () => string): Promise<Said> {
  return new Promise((resolve, reject) => {
    const done = () => {
      child.off("message", take);
      child.off("exit", ended);
    };
    const take = (message: Said) => {
      done();
      resolve(message);
    };
    const ended = (code: number | null, signal: string | null) => {
      done();
      reject(new Error(`the process ended with ${signal ?? code}: ${said()}`));
    };
    child.once("message", take);
    child.once("exit", ended);
  });
}
