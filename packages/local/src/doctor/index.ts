import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, statfsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { inRepository, nodeBinary } from "../cloud/paths.ts";
import { holder } from "../cloud/state.ts";
import { findProgram } from "../dynamodb/index.ts";
import { findBinaries, runAs } from "../postgres/binaries.ts";
import { messageOf } from "../util/part.ts";
import { freeSitePort } from "../util/ports.ts";

export interface Finding {
  check: string;
  ok: boolean;
  message: string;
  cure: string;
}

const neededBytes = 2 * 1024 ** 3;

/**
 * Reports what is wrong with this machine and how to fix it. Leaves no process running, and changes only what a start
 * would.
 * @param options.dataDir default `.lectern`
 */
export async function doctor(options: { dataDir?: string } = {}): Promise<Finding[]> {
  const dataDir = resolve(options.dataDir ?? inRepository(".lectern"));
  return [
    node(),
    ...scripts(),
    postgres(),
    dynamodb(),
    ...folder(dataDir),
    ...lockOf(dataDir),
    await port(),
    chromium(),
  ];
}

const fine = (check: string, message: string): Finding => ({ check, ok: true, message, cure: "" });
const wrong = (check: string, message: string, cure: string): Finding => ({ check, ok: false, message, cure });

function node(): Finding {
  const check = "Node 24";
  try {
    const version = execFileSync(nodeBinary(), ["--version"], { encoding: "utf8" }).trim();
    if (Number(version.slice(1).split(".")[0]) >= 24) return fine(check, `Node ${version} (${nodeBinary()})`);
    return wrong(
      check,
      `only ${version} was found`,
      "Run `npm install` with install scripts allowed: the package `node` brings Node 24.",
    );
  } catch (error) {
    return wrong(check, messageOf(error), "Run `npm install` with install scripts allowed.");
  }
}

function scripts(): Finding[] {
  const programs: [string, string, string[]][] = [
    ["esbuild", inRepository("node_modules", "esbuild", "bin", "esbuild"), ["--version"]],
    ["node of npm", inRepository("node_modules", "node", "bin", "node"), ["--version"]],
  ];
  return programs.map(([name, program, args]) => {
    const check = `program ${name}`;
    try {
      const version = execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
      return fine(check, `${name} ${version} runs`);
    } catch (error) {
      return wrong(
        check,
        messageOf(error).split("\n")[0] ?? "",
        `Allow install scripts (\`npm config set ignore-scripts false\`), then \`npm rebuild\`.`,
      );
    }
  });
}

function postgres(): Finding {
  const check = "Postgres";
  try {
    const user = runAs();
    const { postgres: program } = findBinaries(user);
    const version = execFileSync(program, ["--version"], { ...user, cwd: "/", encoding: "utf8" }).trim();
    return fine(
      check,
      `${version}${user.uid === undefined ? "" : `, runs as user postgres (${user.uid})`} (${program})`,
    );
  } catch (error) {
    return wrong(
      check,
      messageOf(error),
      "Run `npm rebuild`; as root, `useradd --system postgres`; or work as a plain user.",
    );
  }
}

function dynamodb(): Finding {
  const check = "DynamoDB";
  const external = process.env.LECTERN_DYNAMODB_ENDPOINT;
  if (external) return fine(check, `LECTERN_DYNAMODB_ENDPOINT=${external}`);
  const program = findProgram();
  const cure =
    "Run `npm install` with optional dependencies, or point LECTERN_DYNAMODB_ENDPOINT at a DynamoDB-compatible server.";
  if (!program) return wrong(check, `dynoxide has no program here for ${process.platform}-${process.arch}`, cure);
  try {
    return fine(check, execFileSync(program, ["--version"], { encoding: "utf8" }).trim());
  } catch (error) {
    return wrong(check, messageOf(error), cure);
  }
}

function folder(dataDir: string): Finding[] {
  let existing = dataDir;
  while (!existsSync(existing)) existing = dirname(existing);
  const findings: Finding[] = [];
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
    findings.push(fine("data directory", `${dataDir} can be written`));
  } catch {
    findings.push(
      wrong("data directory", `${existing} may not be written by this user`, "Change its owner, or use --data-dir."),
    );
  }
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GB are free on its disk`;
  findings.push(
    free >= neededBytes
      ? fine("disk", text)
      : wrong("disk", text, "Free at least 2 GB, or use --data-dir on another disk."),
  );
  return findings;
}

function lockOf(dataDir: string): Finding[] {
  const file = join(dataDir, "lock");
  if (!existsSync(file)) return [fine("lock", "nothing is running on the data directory")];
  const running = holder(file);
  return [
    running
      ? fine("lock", `the local cloud is running on the data directory (process ${running.pid})`)
      : fine("lock", "a killed run left its lock; the next start takes it over"),
  ];
}

async function port(): Promise<Finding> {
  const free = await freeSitePort(3000);
  return free === 3000
    ? fine("port 3000", "port 3000 is free")
    : fine("port 3000", "port 3000 is taken; the next start picks another and says so (or use --port)");
}

/** Only browser tests need it. */
function chromium(): Finding {
  const check = "Chromium";
  const named = process.env.LECTERN_CHROMIUM;
  if (named && existsSync(named)) return fine(check, `Chromium is ${named}`);
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), ".cache", "ms-playwright");
  if (existsSync(cache) && readdirSync(cache).some((name) => name.startsWith("chromium")))
    return fine(check, `Chromium is Playwright's own, in ${cache}`);
  for (const program of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const path of (process.env.PATH ?? "").split(":")) {
      if (path && existsSync(join(path, program))) return fine(check, `Chromium is ${join(path, program)}`);
    }
  }
  return wrong(
    check,
    "not found; only `npm run test:e2e` needs it",
    "Run `npx playwright install chromium`, or `apt-get install -y chromium`.",
  );
}
