import { randomBytes } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isRecord, privateFolder, readJson, writeJson } from "../util/files.ts";
import { codeOf, messageOf, StartError } from "../util/part.ts";
import { birthOf, isAlive } from "../util/processes.ts";

const secretNames = [
  "superuser",
  "app",
  "platform",
  "migrator",
  "provisioner",
  "session",
  "finder",
  "localKey",
  "operator",
  "internal",
] as const;
export type SecretName = (typeof secretNames)[number];

/** What a data directory remembers between runs. */
export interface Settings {
  secrets: Record<SecretName, string>;
  /** Ports of the parts, reused when free. */
  ports: Record<string, number>;
  /** Names of the queues that the worker last requested. */
  queues: string[];
  /** Fingerprint of the last database preparation; an equal one skips the work. */
  prepared?: string;
}

const minFreeBytes = 300 * 1024 * 1024;

/** Creates the data directory and checks its rights. @throws StartError */
export function openDataDir(dataDir: string): void {
  try {
    makeFolder(dataDir);
    // The folder holds signing and database secrets. Under root, Postgres runs as another user and must be able to
    // traverse it.
    privateFolder(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
    privateFolder(join(dataDir, "logs"));
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    writeFileSync(join(dataDir, "logs", ".probe"), "x");
    rmSync(join(dataDir, "logs", ".probe"));
  } catch (error) {
    throw new StartError(unusable(dataDir, error));
  }
  const { bavail, bsize } = statfsSync(dataDir);
  if (bavail * bsize < minFreeBytes) {
    throw new StartError(
      `Only ${Math.round((bavail * bsize) / 1024 / 1024)} MB are free for ${dataDir}. Free at least 300 MB, or start with another --data-dir.`,
    );
  }
}

/** mkdir -p one level at a time: Node's own loops forever on file systems that refuse with ENOENT (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

function unusable(dataDir: string, error: unknown): string {
  switch (codeOf(error)) {
    case "ENOSPC":
      return `The disk is full: ${dataDir} cannot be written. Free some space, or start with another --data-dir.`;
    case "EACCES":
    case "EPERM":
      return `${dataDir} may not be written by this user. Change its owner, or start with another --data-dir.`;
    case "EROFS":
      return `${dataDir} is on a read-only disk. Start with another --data-dir.`;
    case "EEXIST":
    case "ENOTDIR":
      return `${dataDir} is not a folder. Start with another --data-dir.`;
    default:
      return `${dataDir} cannot be used: ${messageOf(error)}. Start with another --data-dir.`;
  }
}

/** Reads the settings; the first start generates the secrets and stores them with mode 0600. */
export function readSettings(dataDir: string): Settings {
  const found = readJson(settingsFile(dataDir));
  const known = isRecord(found) ? found : {};
  const text = (value: unknown) => (typeof value === "string" && value ? value : randomBytes(24).toString("base64url"));
  const old = isRecord(known.secrets) ? known.secrets : {};
  const ports: Record<string, number> = {};
  for (const [name, port] of Object.entries(isRecord(known.ports) ? known.ports : {})) {
    if (typeof port === "number") ports[name] = port;
  }
  const secrets = Object.fromEntries(secretNames.map((name) => [name, text(old[name])])) as Settings["secrets"];
  const settings: Settings = {
    secrets,
    ports,
    queues: Array.isArray(known.queues) ? known.queues.map(String) : [],
    ...(typeof known.prepared === "string" && { prepared: known.prepared }),
  };
  writeSettings(dataDir, settings);
  return settings;
}

export const writeSettings = (dataDir: string, settings: Settings): void => writeJson(settingsFile(dataDir), settings);

const settingsFile = (dataDir: string) => join(dataDir, "settings.json");

/**
 * Locks the data directory and takes over a dead process's lock.
 * @returns releases the lock
 * @throws StartError when another local cloud uses the directory
 */
export function lock(dataDir: string): () => void {
  const file = join(dataDir, "lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const fd = openSync(file, "wx", 0o600);
      writeSync(fd, JSON.stringify({ pid: process.pid, birth: birthOf(process.pid) }));
      closeSync(fd);
      return () => {
        if (holder(file)?.pid === process.pid) rmSync(file, { force: true });
      };
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw new StartError(unusable(dataDir, error));
    }
    const running = holder(file);
    if (running) {
      throw new StartError(
        `The local cloud is running already on ${dataDir} (process ${running.pid}). Stop it with Ctrl-C there or \`kill ${running.pid}\`, or use another --data-dir.`,
      );
    }
    rmSync(file, { force: true });
  }
  throw new StartError(`${file} cannot be taken. Another start is at work; try again.`);
}

/** Returns the living process that holds the lock, if any. */
export function holder(file: string): { pid: number } | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (!isRecord(found) || typeof found.pid !== "number") return undefined;
    // The process id may have been reused.
    return isAlive(found.pid) && birthOf(found.pid) === found.birth ? { pid: found.pid } : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
