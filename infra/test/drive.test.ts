import { expect, test } from "vitest";
import { rules } from "../rules/index.ts";
import { expectRule, graphOf } from "./graphs.ts";

const graph = graphOf("production");
const policy = "aws:iam/rolePolicy:RolePolicy";

const change = (inputs: Record<string, string>, action: string, to: (statement: Record<string, unknown>) => object) => {
  const { Statement, ...rest } = JSON.parse(inputs.policy ?? "{}");
  const changed = Statement.map((each: Record<string, unknown>) =>
    [each.Action].flat().includes(action) ? { ...each, ...to(each) } : each,
  );
  expect(changed).not.toEqual(Statement);
  inputs.policy = JSON.stringify({ ...rest, Statement: changed });
};

test.each([
  [
    "a task of one school by any access point",
    /^WorkspaceJobPolicy$/,
    "elasticfilesystem:ClientMount",
    { Condition: {} },
  ],
  ["a task of one school that starts others", /^WorkspaceJobPolicy$/, "rds-db:connect", { Action: "ecs:RunTask" }],
])("%s is seen", (_, name, action, to) =>
  expectRule("a-school's-own-drive", graph, ({ find }) => change(find(policy, name).inputs, action, () => to)),
);

test("the rule finds an access point that a deployment creates for a school", () =>
  expectRule("a-school's-own-drive", graph, ({ add }) =>
    add("aws:efs/accessPoint:AccessPoint", "WorkspaceDriveSchool", {}),
  ));

test.each([
  ["tasks of any definition", "ecs:RunTask", { Resource: "*" }],
  ["tasks in any cluster", "ecs:RunTask", { Condition: {} }],
  ["definitions of no school", "ecs:RegisterTaskDefinition", { Condition: {} }],
  ["roles for anything", "iam:PassRole", { Condition: {} }],
  ["taking away the service's own access point", "elasticfilesystem:DeleteAccessPoint", { Condition: {} }],
])("a workspace with the right to %s is seen", (_, action, to) =>
  expectRule("workspace-rights", graph, ({ find }) =>
    change(find(policy, /^WorkspaceTaskPolicy$/).inputs, action, () => to),
  ),
);

test.each(["production", "staging", "preview"] as const)("%s is clean", (stage) =>
  expect(
    rules.filter(({ name }) => /drive$|^workspace-rights$/.test(name)).map((rule) => [...rule.check(graphOf(stage))]),
  ).toEqual([[], []]),
);
