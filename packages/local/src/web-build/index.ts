import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { inRepository, nodeBinary } from "../cloud/paths.ts";
import { codeOf, StartError, since, sleep } from "../util/part.ts";
import { isAlive } from "../util/processes.ts";

/** The build's inputs; the lockfile represents npm's packages. */
const sources = [
  "packages/web",
  "packages/core/src",
  "packages/tenants/src",
  "packages/functions/src",
  "package-lock.json",
  "tsconfig.base.json",
];
const ignored = new Set(["node_modules", "build", ".cache", "test-results"]);

const buildFolder = () => inRepository("packages", "web", "build");
/** Outside the build folder, which each build deletes first. */
const lockFile = () => inRepository("node_modules", ".cache", "lectern-web-build.lock");
const stampFile = () => join(buildFolder(), ".sources");

/**
 * Builds packages/web when its sources have changed. Concurrent starts build once.
 * @returns true when it built now
 * @throws StartError when the build fails
 */
export async function ensureWebBuild(options: { log?: (line: string) => void } = {}): Promise<boolean> {
  inProcess ??= ensure(options.log ?? (() => {})).finally(() => {
    inProcess = undefined;
  });
  return inProcess;
}
let inProcess: Promise<boolean> | undefined;

async function ensure(log: (line: string) => void): Promise<boolean> {
  if (isFresh(fingerprint())) return false;
  const unlock = await lock();
  try {
    const wanted = fingerprint();
    if (isFresh(wanted)) return false; // a concurrent start built it
    const begin = performance.now();
    log("building the site (first start, or its sources have changed) ...");
    rmSync(stampFile(), { force: true }); // a failed or killed build must not count as fresh
    await build();
    writeFileSync(stampFile(), wanted);
    log(`the site was built in ${(since(begin) / 1000).toFixed(1)} s`);
    return true;
  } finally {
    unlock();
  }
}

const isFresh = (wanted: string): boolean =>
  existsSync(join(buildFolder(), "server", "index.js")) &&
  existsSync(stampFile()) &&
  readFileSync(stampFile(), "utf8") === wanted;

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const source of sources) add(inRepository(source), source);
  return hash.digest("hex");

  function add(path: string, name: string): void {
    let entries: string[];
    try {
      entries = readdirSync(path).sort();
    } catch (error) {
      if (codeOf(error) === "ENOTDIR") hash.update(name).update(readFileSync(path));
      else if (codeOf(error) !== "ENOENT") throw error;
      return;
    }
    for (const entry of entries) {
      // Tests are not part of a build, and Vite creates vite.config.ts.timestamp-... for a moment.
      if (!ignored.has(entry) && !/^\.|\.test\.tsx?$|\.timestamp-/.test(entry))
        add(join(path, entry), `${name}/${entry}`);
    }
  }
}

async function lock(): Promise<() => void> {
  const file = lockFile();
  mkdirSync(dirname(file), { recursive: true });
  for (;;) {
    try {
      const fd = openSync(file, "wx");
      writeSync(fd, String(process.pid));
      closeSync(fd);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    let owner = 0;
    try {
      owner = Number(readFileSync(file, "utf8"));
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
    if (owner > 0 && !isAlive(owner)) rmSync(file, { force: true });
    else await sleep(200);
  }
}

function build(): Promise<void> {
  return new Promise((resolve, reject) => {
    const cli = inRepository("node_modules", "@remix-run", "dev", "dist", "cli.js");
    const child = spawn(nodeBinary(), [cli, "vite:build"], {
      cwd: inRepository("packages", "web"),
      env: { ...process.env, NODE_ENV: "production", NODE_OPTIONS: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        if (said.length < 100_000) said += chunk.toString();
      });
    }
    const end = () => child.kill("SIGTERM");
    process.once("exit", end);
    child.once("error", (error) => {
      said += error.message;
    });
    child.once("close", (code) => {
      process.off("exit", end);
      if (code === 0) resolve();
      else reject(new StartError(`packages/web cannot be built:\n${essence(said)}`));
    });
  });
}

/** Keeps the error's location and drops the module graph and the stack. */
function essence(said: string): string {
  const lines = stripVTControlCharacters(said).trim().split("\n");
  const from = Math.max(
    0,
    lines.findIndex((line) => /error|failed/i.test(line)),
  );
  const to = lines.findIndex((line, at) => at > from && /^\s*(at |watchFiles:)/.test(line));
  return lines
    .slice(from, to < 0 ? undefined : to)
    .slice(0, 15)
    .join("\n");
}
