#!/usr/bin/env node
// Starts the command line with TypeScript on the repository's Node.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const require = createRequire(import.meta.url);

const own = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const preload = join(root, "packages", "local", "bin", "preload.mjs");
const loaders = [require.resolve("tsx"), ...(existsSync(preload) ? [preload] : [])];

const child = spawn(
  existsSync(own) ? own : process.execPath,
  [
    ...loaders.flatMap((file) => ["--import", pathToFileURL(file).href]),
    join(here, "..", "src", "main.ts"),
    ...process.argv.slice(2),
  ],
  // Only the command's answer belongs on stdout.
  { stdio: "inherit", env: { ...process.env, LECTERN_LOG: "silent", NODE_NO_WARNINGS: "1" } },
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`lectern cannot start: ${error.message}\nRun \`npm install\` in the repository first.\n`);
  process.exit(3);
});
child.on("exit", (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 3)));
