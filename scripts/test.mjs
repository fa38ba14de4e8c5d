// npm test: check, then what would be on AWS (synth), then unit and integration tests (Vitest), then journeys (Playwright),
// each on the local cloud's real parts. Ends with one line that sums all suites. `test.mjs unit` and `test.mjs e2e` run one
// of them; the tests of infra/ read what synth has written, so it goes before them.
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

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  return status === 0;
}

function add(passed, failed, skipped, ok) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  if (!ok && failed === 0) total.failed += 1; // A suite that died before it counted anything has failed.
}

if (suites.includes("check")) {
  const ok = run(process.execPath, ["scripts/check.mjs"]);
  add(ok ? 1 : 0, ok ? 0 : 1, 0, ok);
}

const chromium = suites.includes("e2e") || suites.includes("unit") ? findChromium() : undefined;
const env = chromium ? { LECTERN_CHROMIUM: chromium } : {};
const built = run(process.execPath, ["--import", "tsx", "scripts/build-web.ts"]);
if (!built) add(0, 1, 0, false);

if (built && suites.includes("synth")) {
  const ok = run(process.execPath, ["--import", "tsx", "infra/synth/index.ts"]);
  add(ok ? 1 : 0, ok ? 0 : 1, 0, ok);
}

if (built && suites.includes("unit")) {
  const report = path.join(out, "unit.json");
  const ok = run(
    "node_modules/.bin/vitest",
    ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...extra],
    env,
  );
  const counted = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : {};
  add(
    counted.numPassedTests ?? 0,
    counted.numFailedTests ?? 0,
    (counted.numPendingTests ?? 0) + (counted.numTodoTests ?? 0),
    ok,
  );
}

if (built && suites.includes("e2e")) {
  const report = path.join(out, "e2e.json");
  const ok = run("node_modules/.bin/playwright", ["test", ...extra], { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
  const stats = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")).stats : {};
  add((stats.expected ?? 0) + (stats.flaky ?? 0), stats.unexpected ?? 0, stats.skipped ?? 0, ok);
}

rmSync(out, { recursive: true, force: true });
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed === 0 ? 0 : 1;
