import { type ChildProcess, execFile, spawn } from "node:child_process";
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { privateFolder } from "../util/files.ts";
import { type Part, StartError, since, sleep } from "../util/part.ts";
import { freePort } from "../util/ports.ts";
import { findBinaries, type RunAs, runAs } from "./binaries.ts";
import { clearLeftovers, dataFolder } from "./data.ts";

export { removeData } from "./data.ts";

export interface PostgresOptions {
  dataDir: string;
  /** Preferred port; a taken one selects another. */
  port?: number;
  /** Requires exactly that port, because clients already know it. */
  fixedPort?: boolean;
  /** Password of the superuser `postgres`, set at the first start. */
  password: string;
  /** Receives the process id at each start and exit, so that the guard can end an orphan. */
  onProcess?: (pid: number, running: boolean) => void;
  onExit?: () => void;
}

export interface Postgres extends Part {
  port: number;
  superuserUrl: string;
  pid: number;
}

const settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "300",
  shared_buffers: "256MB",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  // Crash recovery syncs every file at about 1 ms each, and a school has a hundred; Linux can sync the whole file
  // system at once.
  ...(process.platform === "linux" && { recovery_init_sync_method: "syncfs" }),
  // Deleting or dumping a school locks some 60 tables in one transaction.
  max_locks_per_transaction: "256",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  lc_messages: "C",
};

/** Exists only in a cluster whose creation completed. */
const complete = "lectern.complete";

/**
 * Starts Postgres 17 on 127.0.0.1 and creates the cluster first if needed.
 * @throws StartError with one sentence for the developer
 */
export async function start(options: PostgresOptions): Promise<Postgres> {
  const begin = performance.now();
  const user = runAs();
  const binaries = findBinaries(user);
  const folder = dataFolder(options.dataDir, user);
  if (!existsSync(join(folder, complete))) {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    await initialise(binaries.initdb, folder, options.password, user);
    writeFileSync(join(folder, complete), "");
  }
  await clearLeftovers(folder);
  privateFolder(join(options.dataDir, "logs"));
  const log = join(options.dataDir, "logs", "postgres.log");

  const port = options.fixedPort && options.port ? options.port : await freePort(options.port);
  const child = await launch(binaries.postgres, folder, port, user, log);
  const pid = child.pid ?? 0;
  options.onProcess?.(pid, true);
  let stopping = false;
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => {
      options.onProcess?.(pid, false);
      resolve();
      if (!stopping) options.onExit?.();
    });
  });
  return {
    name: "Postgres 17",
    address: `127.0.0.1:${port}`,
    ms: since(begin),
    port,
    pid,
    superuserUrl: `postgres://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      if (!stopping) child.kill("SIGINT"); // fast shutdown: ends sessions, keeps every commit
      stopping = true;
      const timer = setTimeout(() => child.kill("SIGQUIT"), 10_000);
      await gone;
      clearTimeout(timer);
    },
  };
}

async function initialise(initdb: string, folder: string, password: string, user: RunAs): Promise<void> {
  const secret = mkdtempSync(join(tmpdir(), "lectern-pg-"));
  const file = join(secret, "password");
  writeFileSync(file, password, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) {
    chownSync(secret, user.uid, user.gid);
    chownSync(file, user.uid, user.gid);
  }
  try {
    await promisify(execFile)(
      initdb,
      [
        `--pgdata=${folder}`,
        "--username=postgres",
        `--pwfile=${file}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-sync",
      ],
      { ...user, cwd: "/", env: environment },
    );
  } catch (error) {
    const text = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    throw new StartError(explain(text, folder));
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
}

/** A PGPORT or LC_ALL of the developer must not change the server. */
const environment = { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: "UTC", NODE_ENV: "production" as const };

/** Starts the server and waits until it accepts connections. A killed server's children may still be exiting. */
async function launch(postgres: string, folder: string, port: number, user: RunAs, log: string): Promise<ChildProcess> {
  const args = ["-D", folder, "-p", String(port)];
  for (const [name, value] of Object.entries(settings)) args.push("-c", `${name}=${value}`);
  let said = "";
  for (let attempt = 0; attempt < 50; attempt++) {
    const child = spawn(postgres, args, {
      ...user,
      cwd: "/",
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    said = "";
    const ready = await new Promise<boolean>((resolve) => {
      child.once("error", (error) => {
        said += error.message;
        resolve(false);
      });
      child.once("close", () => resolve(false));
      // Its children may keep the pipe open; the last output has arrived by then.
      child.once("exit", () => setTimeout(resolve, 300, false));
      child.stderr.on("data", (chunk: Buffer) => {
        const text = chunk.toString();
        said = (said + text).slice(-4000);
        appendFileSync(log, text);
        if (text.includes("ready to accept connections")) resolve(true);
      });
    });
    if (ready) return child;
    if (said && !/still in use|another server might be running|already in use|lock file .* already exists/i.test(said))
      break;
    await sleep(100);
  }
  throw new StartError(explain(said, folder));
}

/** Summarizes Postgres's output in one sentence. */
function explain(said: string, folder: string): string {
  if (/No space left/i.test(said))
    return `The disk is full: Postgres cannot write ${folder}. Free some space and start again.`;
  if (/Permission denied|could not (access|change permissions)/i.test(said)) {
    return `Postgres may not write ${folder}. Give the folder back to its user, or start with another --data-dir.`;
  }
  if (/database files are incompatible|initialized by PostgreSQL version/i.test(said)) {
    return `${folder} was made by another Postgres version. Start with --reset, or with another --data-dir.`;
  }
  if (/could not (create|resize|map) .*shared memory/i.test(said)) {
    return "Postgres got no shared memory. Close other programs, or give the container a bigger /dev/shm.";
  }
  const line =
    said
      .split("\n")
      .filter((text) => /FATAL|PANIC|ERROR|error/.test(text))
      .at(-1) ??
    said.trim().split("\n").at(-1) ??
    "";
  return `Postgres does not start: ${line.replace(/^.*?(FATAL|PANIC):\s*/, "").trim() || "it said nothing"}. See ${folder}, or start with --reset.`;
}
