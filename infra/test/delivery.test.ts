import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { actionsOf, servicesOf } from "../delivery/rights.ts";
import { appSpecOf, isShifted, waiting } from "../delivery/shift.ts";
import { failing, type Smoke, smokes } from "../delivery/smoke.ts";
import { at, ofType } from "../rules/rule.ts";
import { root } from "../synth/paths.ts";
import { graphOf } from "./graphs.ts";

const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const production = graphOf("production");

test("the deploy role's rights are those the graph asks for, with no service by a wildcard", () => {
  const graphs = [production, graphOf("staging")];
  expect(JSON.parse(read("infra/delivery/rights.json"))).toEqual(servicesOf(graphs));
  const more = {
    ...production,
    resources: [{ type: "aws:neptune/cluster:Cluster", name: "New", inputs: {}, opts: {} }],
  };
  expect(servicesOf([...graphs, more])).toContain("neptune");
  const actions = servicesOf(graphs).flatMap(actionsOf);
  expect(actions.filter((action) => /:\*$/.test(action))).toEqual([]);
  // The role must not read schools' data; the boundary also forbids it.
  expect(actions.filter((action) => /^(secretsmanager|kms|iam):/.test(action))).toEqual([]);
});

test("the deploy user can do nothing but take on the role, and the role is inside its boundary", () => {
  const users = ofType(production, "aws:iam/user:User");
  expect(users.map(({ name }) => name)).toEqual(["DeployUser"]);
  expect(ofType(production, "aws:iam/accessKey:AccessKey", "aws:iam/userLoginProfile:UserLoginProfile")).toEqual([]);
  const [policy] = ofType(production, "aws:iam/userPolicy:UserPolicy");
  if (!policy) throw new Error("the deploy user has no policy");
  expect(JSON.parse(String(at(policy, "policy"))).Statement).toEqual([
    { Effect: "Allow", Action: "sts:AssumeRole", Resource: expect.stringMatching(/:role\/lectern-production-deploy$/) },
  ]);
  const role = ofType(production, "aws:iam/role:Role").find(({ name }) => name === "DeployRole");
  expect(role && at(role, "permissionsBoundary")).toMatch(/deploy-boundary$/);
  expect(String(role && at(role, "assumeRolePolicy"))).toContain(":environment:production");
});

test("API, sign-in and every consumer go by a canary that the alarm stops and that goes back", () => {
  const groups = ofType(production, "aws:codedeploy/deploymentGroup:DeploymentGroup");
  const wanted = ofType(production, "aws:lambda/alias:Alias")
    .map(({ name }) => name.replace(/Live$/, ""))
    .filter(isShifted);
  expect(wanted).toEqual(expect.arrayContaining(["Api", "Auth", "OnNotifications"]));
  expect(groups.map((group) => at(group, "deploymentGroupName")).sort()).toEqual(wanted.sort());
  for (const group of groups) {
    expect(at(group, "deploymentConfigName")).toMatch(/Canary/);
    expect(at(group, "alarmConfiguration", "alarms")).toEqual(["lectern-production-release-health"]);
    expect(at(group, "autoRollbackConfiguration", "events")).toContain("DEPLOYMENT_STOP_ON_ALARM");
  }
});

test("nothing reaches production but through tests, staging, load and a person", () => {
  const [pipeline] = ofType(production, "aws:codepipeline/pipeline:Pipeline");
  const stages = (pipeline && at(pipeline, "stages")) as { name: string; onFailure?: unknown }[];
  expect(stages.map(({ name }) => name)).toEqual([
    "Source",
    "Build",
    "Test",
    "Staging",
    "Load",
    "Approval",
    "Production",
  ]);
  expect(stages.at(-1)?.onFailure).toEqual({ result: "ROLLBACK" });
  for (const project of ofType(production, "aws:codebuild/project:Project")) {
    const file = String(at(project, "source", "buildspec"));
    expect(existsSync(path.join(root, file)), file).toBe(true);
  }
  // GitHub runs the same commands.
  const actions = `${read(".github/workflows/deploy.yml")}${read(".github/workflows/deploy-stage.yml")}`;
  for (const step of ["build", "test", "deploy", "load"]) {
    const commands = read(`infra/delivery/buildspec/${step}.yml`).match(/npm run [\w-]+|npm test/g) ?? [];
    for (const command of commands) expect(actions).toContain(command);
  }
});

test("only versions that are newer than the live one move", () => {
  const all = [
    { functionName: "a", liveVersion: "3", newVersion: "4" },
    { functionName: "b", liveVersion: "4", newVersion: "4" },
    // Rolled back from 9, so the next deployment must not shift to it.
    { functionName: "c", liveVersion: "12", newVersion: "9" },
  ];
  expect(waiting(all).map(({ functionName }) => functionName)).toEqual(["a"]);
  expect(
    JSON.parse(appSpecOf({ functionName: "a", liveVersion: "3", newVersion: "4" })).Resources[0].code.Properties,
  ).toEqual({
    Name: "a",
    Alias: "live",
    CurrentVersion: "3",
    TargetVersion: "4",
  });
});

test("a stage is well when each part answers as it should; an error page with status 200 does not count", async () => {
  let body = '<h1>Welcome</h1>"status":"ready""openapi":"3.1.0""keys"';
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  // Node does not resolve names below localhost.
  const here = ({ url, ...smoke }: Smoke) => ({ ...smoke, url: url.replace(/\w+\.localhost/, "localhost") });
  const ask = () => Promise.all(smokes(origin, "canary").map((smoke) => failing(here(smoke), { seconds: 0 })));
  expect(await ask()).toEqual(smokes(origin, "canary").map(() => undefined));
  body = "Something went wrong on our side";
  expect((await ask()).every((reason) => reason?.includes("another body"))).toBe(true);
  server.close();
});

test("the picture and the drawing of the architecture are those of the script, and of each other", () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "scripts/draw-architecture.ts", "--check"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  expect([status, stderr]).toEqual([0, ""]);
  const boxes = [...read("docs/architecture.drawio").matchAll(/&lt;b>(.*?)&lt;\/b>/g)].map(([, name]) => name);
  expect(boxes.length).toBeGreaterThan(25);
  for (const name of boxes) expect(read("docs/pictures/architecture.svg")).toContain(name);
});
