// Unpacks SST's platform into .sst/platform from npm after `npm install`, only when SST's version or the platform's
// lockfile has changed. `npm run synth` then works offline.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const work = path.join(root, ".sst");
const platform = path.join(work, "platform");
const lockfile = path.join(root, "infra", "synth", "platform-lock.json");
const stampFile = path.join(platform, "node_modules", ".lectern-stamp");

const { version } = JSON.parse(readFileSync(path.join(root, "node_modules", "sst", "package.json"), "utf8"));
const stamp = `${version} ${createHash("sha256").update(readFileSync(lockfile)).digest("hex")}`;
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) process.exit(0);

/** SST would download Bun to fetch its dependencies; npm installs the same ones from our lockfile. */
function pretendBun() {
  const bin = path.join(work, "home", "sst", "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, "bun"), "#!/bin/sh\nexit 0\n");
  chmodSync(path.join(bin, "bun"), 0o755);
}

function run(command, args, options) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", ...options });
  if (status === 0) return;
  // Only `npm run synth` needs the platform, so an offline install succeeds without it.
  process.stderr.write(
    `${stdout ?? ""}${stderr ?? ""}\nSST's platform could not be unpacked; npm run synth will not work.\n`,
  );
  process.exit(0);
}

// SST evaluates the configuration during install, and ours needs the platform; a one-line configuration does not.
const draft = path.join(work, "draft");
rmSync(draft, { recursive: true, force: true });
mkdirSync(draft, { recursive: true });
writeFileSync(
  path.join(draft, "sst.config.ts"),
  `export default $config({ app: () => ({ name: "draft", home: "aws", providers: { aws: "7.20.0" } }), async run() {} });`,
);
pretendBun();
run(process.execPath, [path.join(root, "node_modules", "sst", "bin", "sst.mjs"), "install", "--stage", "dev"], {
  cwd: draft,
  env: { ...process.env, XDG_CONFIG_HOME: path.join(work, "home"), DO_NOT_TRACK: "1", SST_SKIP_DEPENDENCY_CHECK: "1" },
});
rmSync(platform, { recursive: true, force: true });
renameSync(path.join(draft, ".sst", "platform"), platform);
rmSync(draft, { recursive: true, force: true });
copyFileSync(lockfile, path.join(platform, "package-lock.json"));
run("npm", ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], {
  cwd: platform,
  shell: process.platform === "win32",
});
writeFileSync(stampFile, stamp);
