import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startCloud } from "@lectern/local/cloud";
import type { Bench, Line } from "./run.ts";

/** Each bench needs its own process: `Resource` is read once per process. */
async function measure(name: string, emit: (line: Line) => void, withSite = false): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "lectern-bench-"));
  try {
    const cloud = await startCloud({ dataDir, port: 0, site: withSite, worker: false });
    try {
      await run(name, emit, { SST_RESOURCES_JSON: JSON.stringify(cloud.resources), LECTERN_PORT: String(cloud.port) });
    } finally {
      await cloud.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function run(name: string, emit: (line: Line) => void, env: Record<string, string>): Promise<void> {
  const child = fork(new URL("./tenancy/worker.ts", import.meta.url), [name], {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, ...env, LECTERN_LOG: "silent", NODE_ENV: "production" },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("message", (line: Line) => emit(line));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
}

const group = "tenancy";

export const benches: Bench[] = [
  { group, run: (emit) => measure("read", emit) },
  { group, run: (emit) => measure("open", emit, true) },
  { group, run: (emit) => measure("provision", emit) },
  { group, run: (emit) => measure("migrate", emit) },
];
