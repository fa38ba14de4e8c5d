import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { awsJson } from "../util/aws-json.ts";
import { isRecord, privateFolder, readJson, writeJson } from "../util/files.ts";
import { messageOf, type Part, StartError, since, sleep } from "../util/part.ts";
import { freePort } from "../util/ports.ts";
import { birthOf, isAlive, signal, waitGone } from "../util/processes.ts";
import { createTables, type Table } from "./tables.ts";

export { tables } from "./tables.ts";

export interface DynamoOptions {
  dataDir: string;
  port?: number;
  /** Requires exactly that port, because clients already know it. */
  fixedPort?: boolean;
  tables: readonly Table[];
  onProcess?: (pid: number, running: boolean) => void;
  onExit?: () => void;
}

export interface Dynamo extends Part {
  port: number;
  endpoint: string;
  /** 0 for an external server (`LECTERN_DYNAMODB_ENDPOINT`). */
  pid: number;
}

const version = "1.2.1";

/**
 * Starts DynamoDB on 127.0.0.1: dynoxide, one program with SQLite in write-ahead mode, so acknowledged writes survive
 * kill -9. `LECTERN_DYNAMODB_ENDPOINT` selects another server.
 * @throws StartError with one sentence for the developer
 */
export async function start(options: DynamoOptions): Promise<Dynamo> {
  const begin = performance.now();
  const external = process.env.LECTERN_DYNAMODB_ENDPOINT;
  if (external) {
    await createTables(external, options.tables).catch((error: unknown) => {
      throw new StartError(`LECTERN_DYNAMODB_ENDPOINT ${external} does not answer: ${messageOf(error)}.`);
    });
    return {
      name: "DynamoDB",
      address: external,
      ms: since(begin),
      port: 0,
      endpoint: external,
      pid: 0,
      stop: async () => {},
    };
  }
  const folder = join(options.dataDir, "dynamodb");
  privateFolder(folder);
  privateFolder(join(options.dataDir, "logs"));
  const running = join(folder, "process.json");
  await clearLeftover(running);
  const port = options.fixedPort && options.port ? options.port : await freePort(options.port);
  const endpoint = `http://127.0.0.1:${port}`;
  const [program, ...first] = command();
  const child = spawn(
    program,
    [...first, "serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", join(folder, "dynamodb.sqlite")],
    {
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    },
  );
  if (child.pid) writeJson(running, { pid: child.pid, birth: birthOf(child.pid) });
  const log = createWriteStream(join(options.dataDir, "logs", "dynamodb.log"), { flags: "a" });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000);
      log.write(chunk);
    });
  }
  await answering(child, endpoint, () => said);
  await createTables(endpoint, options.tables);

  const pid = child.pid ?? 0;
  options.onProcess?.(pid, true);
  let stopping = false;
  const gone = new Promise<void>((resolve) => {
    const end = () => {
      options.onProcess?.(pid, false);
      log.end();
      resolve();
      if (!stopping) options.onExit?.();
    };
    if (child.exitCode !== null || child.signalCode !== null) end();
    else child.once("exit", end);
  });
  return {
    name: "DynamoDB",
    address: endpoint,
    ms: since(begin),
    port,
    endpoint,
    pid,
    stop: async () => {
      if (!stopping) child.kill("SIGTERM");
      stopping = true;
      const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** Stops a server that outlived its supervisor. Safe because this process holds the data directory's lock. */
async function clearLeftover(file: string): Promise<void> {
  const found = readRunning(file);
  if (!isRecord(found) || typeof found.pid !== "number") return;
  // The process id may have been reused.
  if (!isAlive(found.pid) || birthOf(found.pid) !== found.birth) return;
  signal(found.pid, "SIGTERM");
  if (await waitGone(found.pid, 3000)) return;
  signal(found.pid, "SIGKILL");
  await waitGone(found.pid, 3000);
}

/** Returns undefined also for a file that a power failure truncated: no process survived it. */
function readRunning(file: string): unknown {
  try {
    return readJson(file);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function command(): [string, ...string[]] {
  const found = findProgram();
  return found ? [found] : ["npx", "--yes", `dynoxide@${version}`];
}

/** Returns the npm package's program for this system, if it exists. */
export function findProgram(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      `@dynoxide/${process.platform}-${process.arch}/package.json`,
    );
    const program = join(dirname(manifest), process.platform === "win32" ? "dynoxide.exe" : "dynoxide");
    return existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

async function answering(child: ChildProcess, endpoint: string, said: () => string): Promise<void> {
  let failure: string | undefined;
  child.once("error", (error) => {
    failure = error.message;
  });
  child.once("exit", () => {
    failure ??= said().trim().split("\n").at(-1) ?? "";
  });
  const end = Date.now() + (findProgram() ? 10_000 : 120_000); // npx may have to download it
  while (Date.now() < end && failure === undefined) {
    try {
      await awsJson(endpoint, "DynamoDB_20120810.ListTables", {});
      return;
    } catch {
      await sleep(10);
    }
  }
  child.kill("SIGKILL");
  if (/No space|disk is full/i.test(failure ?? "")) {
    throw new StartError("The disk is full: DynamoDB cannot write its file. Free some space and start again.");
  }
  throw new StartError(
    `DynamoDB does not start: ${failure || said().trim() || "no answer"}. Run \`npm install\` with optional dependencies, ` +
      "or point LECTERN_DYNAMODB_ENDPOINT at a DynamoDB-compatible server.",
  );
}
