import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Bundle } from "../synth/graph.ts";
import { root } from "../synth/paths.ts";
import { unzip } from "./unzip.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly cookies: readonly string[];
  readonly body: string;
  readonly writes: number;
}

export interface Served {
  ask(path: string, init?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<Answer>;
  later(ms: number): Promise<void>;
  stop(): void;
}

/** Unpacks a zip and serves it in its own process, as a function URL would. */
export async function serveBundle(
  bundle: Bundle,
  { env = {}, flags = [] }: { env?: Record<string, string>; flags?: readonly string[] } = {},
): Promise<Served> {
  const folder = mkdtempSync(path.join(tmpdir(), "lectern-bundle-"));
  await unzip(bundle.zip, folder);
  const [module = ""] = bundle.handler.split(".");
  const child = spawn(process.execPath, [path.join(root, "infra/test/serve-bundle.mjs"), folder, module, ...flags], {
    env: { ...process.env, NODE_OPTIONS: "", NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const port = await new Promise<number>((ready, reject) => {
    child.stdout.once("data", (chunk: Buffer) => ready(Number(chunk.toString().trim())));
    child.once("exit", (code) => reject(new Error(`${bundle.name} ended with code ${code}: ${said.slice(-2000)}`)));
  });
  const ask: Served["ask"] = (at, { method = "GET", headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const sent = httpRequest({ host: "127.0.0.1", port, path: at, method, headers }, async (response) => {
        try {
          resolve({
            body: await text(response),
            status: response.statusCode ?? 0,
            headers: response.headers,
            cookies: response.headers["set-cookie"] ?? [],
            writes: Number(response.trailers["x-writes"] ?? 0),
          });
        } catch (error) {
          reject(new Error(`${method} ${at}: ${String(error)} ${said.slice(-1000)}`));
        }
      });
      sent.once("error", reject);
      sent.end(body);
    });
  return {
    ask,
    later: async (ms) => void (await ask(`/.later?${ms}`)),
    stop() {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
