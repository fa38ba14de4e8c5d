// npm run deploy -- --stage <stage>: run by the pipeline and by GitHub Actions. Deploys, shifts the aliases with
// CodeDeploy, smoke-tests the stage and records the release. On a failed smoke test it rolls the aliases back and exits
// with 1.
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { asked, legalMissing, requireAsked } from "../asked.ts";
import { optionsOf } from "../options.ts";
import { stageOf } from "../stage.ts";
import { appSpecOf, type Deployed, isShifted, waiting } from "./shift.ts";
import { failing, smokes } from "./smoke.ts";

const help = "npm run deploy -- --stage staging|production: deploys, moves the aliases, asks whether the stage answers";
const { stage } = optionsOf(help, { stage: { type: "string" } });
if (stage !== "staging" && stage !== "production") {
  process.stderr.write(`${help}\n`);
  process.exit(2);
}
requireAsked();
const settings = stageOf(stage);
const release = process.env.LECTERN_RELEASE ?? run("git", ["rev-parse", "--short=12", "HEAD"]).trim();
const parameter = `/lectern/${stage}/releases`;
const say = (line: string) => void process.stdout.write(`${line}\n`);
if (stage === "production") for (const each of legalMissing()) say(`NOTE ${each}`);

const releases = `${kept()},${new Date().toISOString()}=${release}`.split(",").filter(Boolean).slice(-10).join(",");
run("npx", ["sst", "deploy", "--stage", stage, "--print-logs"], {
  LECTERN_CANARY: "1",
  LECTERN_RELEASE: release,
  LECTERN_RELEASES: releases,
});
const before = deployed();
const wrong = await shift(waiting(before)).then(answers, (error: unknown) => [String(error)]);
if (wrong.length > 0) {
  for (const each of wrong) say(`FAIL ${each}`);
  for (const { functionName, liveVersion } of before) point(functionName, liveVersion);
  tell("Rollback");
  process.exit(1);
}
aws("ssm", "put-parameter", "--name", parameter, "--type", "String", "--overwrite", "--value", releases);
tell("Release");
say(`${stage} is at ${release}`);

function kept(): string {
  const found = spawnSync(
    "aws",
    ["ssm", "get-parameter", "--name", parameter, "--query", "Parameter.Value", "--output", "text"],
    {
      encoding: "utf8",
    },
  );
  return found.status === 0 ? found.stdout.trim() : "";
}

function deployed(): Deployed[] {
  const prefix = `lectern-${stage}-`;
  const names = aws(
    "lambda",
    "list-functions",
    "--query",
    `Functions[?starts_with(FunctionName, '${prefix}')].FunctionName`,
    "--output",
    "text",
  )
    .split(/\s+/)
    .filter((name) => isShifted(name.slice(prefix.length)));
  return names.map((functionName) => {
    const ask = (...rest: string[]) =>
      aws("lambda", ...rest, "--function-name", functionName, "--output", "text").trim();
    return {
      functionName,
      liveVersion: ask("get-alias", "--name", "live", "--query", "FunctionVersion"),
      newVersion: ask("list-versions-by-function", "--query", "Versions[-1].Version").split(/\s+/).at(-1) ?? "",
    };
  });
}

async function shift(all: readonly Deployed[]): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "lectern-shift-"));
  const started = all.map((each) => {
    const file = path.join(folder, `${each.functionName}.json`);
    writeFileSync(
      file,
      JSON.stringify({ revisionType: "AppSpecContent", appSpecContent: { content: appSpecOf(each) } }),
    );
    const group = each.functionName.replace(`lectern-${stage}-`, "");
    return aws(
      "deploy",
      "create-deployment",
      "--application-name",
      `lectern-${stage}`,
      "--deployment-group-name",
      group,
      "--revision",
      `file://${file}`,
      "--query",
      "deploymentId",
      "--output",
      "text",
    ).trim();
  });
  // All deployments run in parallel.
  for (const id of started) aws("deploy", "wait", "deployment-successful", "--deployment-id", id);
}

async function answers(): Promise<string[]> {
  const school = asked("LECTERN_CANARY_SCHOOL") ?? "canary";
  const reasons = await Promise.all(smokes(`https://${settings.domain}`, school).map((smoke) => failing(smoke)));
  return reasons.flatMap((reason) => reason ?? []);
}

function point(functionName: string, version: string): void {
  aws(
    "lambda",
    "update-alias",
    "--function-name",
    functionName,
    "--name",
    "live",
    "--function-version",
    version,
    "--routing-config",
    "{}",
  );
}

function tell(metric: "Release" | "Rollback"): void {
  aws(
    "cloudwatch",
    "put-metric-data",
    "--namespace",
    "Lectern",
    "--metric-name",
    metric,
    "--value",
    "1",
    "--dimensions",
    `stage=${stage}`,
  );
}

function aws(...parts: string[]): string {
  return run("aws", [...parts, "--region", settings.region]);
}

function run(command: string, parts: readonly string[], env: Record<string, string> = {}): string {
  const done = spawnSync(command, parts, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (done.status !== 0) throw new Error(`${command} ${parts.slice(0, 3).join(" ")} ended with ${done.status}`);
  return done.stdout;
}
