// Runs the checks two at a time and prints the output of those that fail.
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

const bin = (name) => `node_modules/.bin/${name}`;
const checks = [
  ["types", bin("tsc"), ["-p", "tsconfig.json"]],
  ["lint and format", bin("biome"), ["check", "--error-on-warnings", "."]],
  ["arrows", bin("depcruise"), ["--config", ".dependency-cruiser.cjs", "packages", "e2e", "bench"]],
  ["dead code", bin("knip"), ["--no-progress"]],
  ["routes", bin("tsx"), ["scripts/check-routes.ts"]],
  ["addresses", bin("tsx"), ["scripts/check-paths.ts"]],
  ["words", bin("tsx"), ["scripts/check-words.ts"]],
];

const run = ([name, command, args]) =>
  new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ name, ok: false, output: String(error), ms: 0 }));
    child.on("close", (code) => resolve({ name, ok: code === 0, output, ms: Math.round(performance.now() - start) }));
  });

const results = [];
const waiting = [...checks];
const worker = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await run(next));
};
await Promise.all([worker(), worker()]);
for (const { name, ok, output, ms } of results) {
  process.stdout.write(`${ok ? "ok  " : "FAIL"} ${name} (${(ms / 1000).toFixed(1)} s)\n`);
  if (!ok) process.stdout.write(`${output}\n`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
