// npm test: check, synth, unit and integration tests (Vitest), browser tests (Playwright), and one summary line.
// `test.mjs unit` and `test.mjs e2e` run one suite. Tests of infra/ read synth's output, so synth runs first.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findChromium } from "./chromium.mjs";

const [only, ...rest] = process.argv.slice(2);
const isOne = only && ["unit", "e2e"].includes(only);
const extra = isOne ? rest : process.argv.slice(2);
const named = extra.filter((each) => !each.startsWith("-"));
const needsSynth = only === "unit" && (named.length === 0 || named.some((each) => each.includes("infra")));
const suites = isOne ? [...(needsSynth ? ["synth"] : []), only] : ["check", "synth", "unit", "e2e"];
const out = mkdtempSync(path.join(tmpdir(), "lectern-report-"));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  return status === 0;
}

function add(suite, ok, { passed = ok ? 1 : 0, failed = ok ? 0 : 1, skipped = 0, named = [] } = {}) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  failures.push(...named.map((each) => `${suite}: ${each}`));
  if (ok || (failed > 0 && named.length > 0)) return;
  failures.push(`${suite}: the suite itself`);
  if (failed === 0) total.failed += 1; // A suite that died before it counted anything has failed.
}

const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});

/** Returns a Vitest report's failures: file, title, first line of the error. */
function failedUnits(counted) {
  return (counted.testResults ?? []).flatMap((file) => {
    const at = path.relative(process.cwd(), file.name);
    const failed = (file.assertionResults ?? []).filter((each) => each.status === "failed");
    if (failed.length === 0 && file.status === "failed") return [`${at}: ${firstLine(file.message)}`];
    return failed.map((each) => `${at} › ${each.fullName}: ${firstLine(each.failureMessages?.[0])}`);
  });
}

function failedJourneys(suites = []) {
  return suites.flatMap((suite) => [
    ...(suite.specs ?? []).filter((each) => !each.ok).map((each) => `${each.file}:${each.line} › ${each.title}`),
    ...failedJourneys(suite.suites),
  ]);
}

const firstLine = (text = "") => text.trim().split("\n")[0];

if (suites.includes("check")) {
  const ok = run(process.execPath, ["scripts/check.mjs"]);
  add("check", ok);
}

const chromium = suites.includes("e2e") || suites.includes("unit") ? findChromium() : undefined;
const env = chromium ? { LECTERN_CHROMIUM: chromium } : {};
const built = run(process.execPath, ["--import", "tsx", "scripts/build-web.ts"]);
if (!built) add("build", false);

if (built && suites.includes("synth")) {
  // Synthesizes the stages, and production variants: with all flags and a split API domain, and in three regions.
  const ok = run(process.execPath, ["--import", "tsx", "infra/synth/index.ts", "--all"]);
  add("synth", ok);
}

if (built && suites.includes("unit")) {
  const report = path.join(out, "unit.json");
  const ok = run(
    "node_modules/.bin/vitest",
    ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...extra],
    env,
  );
  const counted = readJson(report);
  add("unit", ok, {
    passed: counted.numPassedTests ?? 0,
    failed: counted.numFailedTests ?? 0,
    skipped: (counted.numPendingTests ?? 0) + (counted.numTodoTests ?? 0),
    named: failedUnits(counted),
  });
}

if (built && suites.includes("e2e")) {
  const report = path.join(out, "e2e.json");
  const ok = run("node_modules/.bin/playwright", ["test", ...extra], { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
  const { stats = {}, suites: journeys } = readJson(report);
  add("e2e", ok, {
    passed: (stats.expected ?? 0) + (stats.flaky ?? 0),
    failed: stats.unexpected ?? 0,
    skipped: stats.skipped ?? 0,
    named: failedJourneys(journeys),
  });
}

rmSync(out, { recursive: true, force: true });
if (failures.length > 0) process.stdout.write(`\nFailed:\n${failures.map((each) => `  ${each}`).join("\n")}\n`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
