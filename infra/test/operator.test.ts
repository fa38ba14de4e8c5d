import { expect, test } from "vitest";
import { operatorRules } from "../rules/operator.ts";
import { expectRule, graphOf, stages } from "./graphs.ts";

const graph = graphOf("production");
const preview = graphOf("preview");
const role = "aws:iam/role:Role";
const policy = "aws:iam/rolePolicy:RolePolicy";
const definition = "aws:ecs/taskDefinition:TaskDefinition";
type Document = Record<string, unknown>;

/** Changes the policy statements that allow this action. */
const change = (inputs: Document, key: string, action: string, to: (statement: Document) => Document) => {
  const { Statement, ...rest } = JSON.parse(String(inputs[key]));
  const all = [Statement].flat();
  const changed = all.map((each: Document) => ([each.Action].flat().includes(action) ? to(each) : each));
  expect(changed).not.toEqual(all);
  inputs[key] = JSON.stringify({ ...rest, Statement: changed });
};
const without =
  (test: string, variable: string) =>
  ({ Condition, ...rest }: Document): Document => {
    const all = structuredClone(Condition) as Record<string, Record<string, unknown>>;
    expect(all[test]).toHaveProperty([variable]);
    delete all[test]?.[variable];
    return { ...rest, Condition: all };
  };

test.each([
  ["without a second factor", without("Bool", "aws:MultiFactorAuthPresent")],
  ["by another account", (each: Document) => ({ ...each, Principal: { AWS: "*" } })],
  ["by a service", (each: Document) => ({ ...each, Principal: { Service: "lambda.amazonaws.com" } })],
])("a role of operators that is taken %s is seen", (_, to) =>
  expectRule("operators-role", graph, ({ find }) =>
    change(find(role, /^Operator$/).inputs, "assumeRolePolicy", "sts:AssumeRole", to),
  ),
);

test("the rule finds an operators' role with sessions of half a day", () =>
  expectRule("operators-role", graph, ({ find }) => {
    find(role, /^Operator$/).inputs.maxSessionDuration = 43_200;
  }));

test.each([
  ["any task", "ecs:RunTask", (each: Document) => ({ ...each, Resource: "arn:aws:ecs:us-east-1:1:task-definition/*" })],
  ["tasks in any cluster", "ecs:RunTask", without("ArnEquals", "ecs:cluster")],
  ["tasks with a shell", "ecs:RunTask", without("Bool", "ecs:enable-execute-command")],
  ["tasks with a public address", "ecs:RunTask", without("Bool", "ecs:auto-assign-public-ip")],
  ["tasks in any subnet", "ecs:RunTask", without("ForAllValues:StringEquals", "ecs:subnet")],
  ["tasks that name no subnet", "ecs:RunTask", without("Null", "ecs:subnet")],
  ["stopping the workspace", "ecs:StopTask", without("ArnEquals", "ecs:cluster")],
  [
    "any role",
    "iam:PassRole",
    (each: Document) => ({
      ...each,
      Resource: [...[each.Resource].flat(), "arn:aws:iam::1:role/lectern-production-deploy"],
    }),
  ],
  ["roles for anything", "iam:PassRole", without("StringEquals", "iam:PassedToService")],
  [
    "logs of others",
    "logs:GetLogEvents",
    (each: Document) => ({ ...each, Resource: "arn:aws:logs:us-east-1:1:log-group:*" }),
  ],
  [
    "other settings",
    "ssm:GetParameter",
    (each: Document) => ({ ...each, Resource: "arn:aws:ssm:us-east-1:1:parameter/x" }),
  ],
  [
    "the stage's secrets",
    "ssm:GetParameter",
    (each: Document) => ({ ...each, Action: "secretsmanager:GetSecretValue" }),
  ],
])("operators with the right to %s are seen", (_, action, to) =>
  expectRule("operators-role", graph, ({ find }) =>
    change(find(policy, /^OperatorPolicy$/).inputs, "policy", action, to),
  ),
);

test("a policy of somebody else's on the role, a shell in any task, deployments that start tasks, and no role at all are seen", () => {
  expectRule("operators-role", graph, ({ find, add }) =>
    add("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "OperatorMore", {
      role: find(role, /^Operator$/).inputs.name,
      policyArn: "arn:aws:iam::aws:policy/PowerUserAccess",
    }),
  );
  expectRule("operators-role", graph, ({ find }) =>
    change(find(policy, /^WorkspaceTaskPolicy$/).inputs, "policy", "ecs:RunTask", (each) => ({
      ...each,
      Action: "ecs:ExecuteCommand",
    })),
  );
  expectRule("operators-role", graph, ({ find }) =>
    change(find("aws:iam/policy:Policy", /^DeployBoundary$/).inputs, "policy", "ecs:RunTask", (each) => ({
      ...each,
      Action: [each.Action].flat().filter((action) => action !== "ecs:RunTask"),
    })),
  );
  expectRule("operators-role", graph, ({ remove }) => remove(role, /^Operator$/));
});

const container = (inputs: Document, to: Document) => {
  const [first] = JSON.parse(String(inputs.containerDefinitions));
  inputs.containerDefinitions = JSON.stringify([{ ...first, ...to }]);
};
test.each([
  ["that can be written on", { readonlyRootFilesystem: false }],
  ["of root", { user: "0" }],
  ["that runs anything", { entryPoint: ["sh", "-c"] }],
  ["with a port", { portMappings: [{ containerPort: 22 }] }],
  ["whose words go elsewhere", { logConfiguration: { options: { "awslogs-group": "/lectern/production/workspace" } } }],
])("a task %s is seen", (_, to) =>
  expectRule("operators-place", graph, ({ find }) => container(find(definition, /^OperatorDefinition$/).inputs, to)),
);

test("the rules find a permanent service, a public subnet, logs under AWS's key, and a start without a notice", () => {
  expectRule("operators-place", graph, ({ add }) =>
    add("aws:ecs/service:Service", "OperatorService", {
      cluster: "arn:aws:ecs:us-east-1:1:cluster/lectern-production-operator",
    }),
  );
  expectRule("operators-place", graph, ({ find }) => {
    const { inputs } = find("aws:ssm/parameter:Parameter", /^OperatorPlace$/);
    inputs.insecureValue = JSON.stringify({
      ...JSON.parse(inputs.insecureValue),
      subnets: ["NetworkPublicSubnet1-id"],
    });
  });
  expectRule("operators-place", graph, ({ find }) => {
    delete find("aws:cloudwatch/logGroup:LogGroup", /^OperatorLogs$/).inputs.kmsKeyId;
  });
  expectRule("operators-place", graph, ({ remove }) =>
    remove("aws:cloudwatch/eventTarget:EventTarget", /^OperatorWorksTold$/),
  );
});

test("the rule finds a task on a temporary stage, and a standing stage without one", () => {
  const task = graph.resources.find(({ name }) => name === "OperatorDefinition");
  expectRule("operators-place", preview, ({ add }) => add(definition, "OperatorDefinition", { ...task?.inputs }));
  expectRule("operators-place", graph, ({ remove }) => remove(definition, /^OperatorDefinition$/));
});

test("a link that no command reads, one that is missing, and a secret among the variables are seen", () => {
  const variables = (to: (all: { name: string; value: string }[]) => object[]) =>
    expectRule("operators-links", graph, ({ find }) => {
      const { inputs } = find(definition, /^OperatorDefinition$/);
      const [{ environment }] = JSON.parse(inputs.containerDefinitions);
      container(inputs, { environment: to(environment) });
    });
  variables((all) => [...all, { name: "SST_RESOURCE_Email", value: "{}" }]);
  variables((all) => all.filter(({ name }) => name !== "SST_RESOURCE_BackupsBucket"));
  variables((all) => [...all, { name: "DATABASE_PASSWORD", value: "four plain words" }]);
  variables((all) =>
    all.map((each) =>
      each.name === "SST_RESOURCE_Secrets" ? { ...each, value: '{"values":{"FinderKey":"x"}}' } : each,
    ),
  );
});

test.each(stages)("%s is clean", (stage) =>
  expect(operatorRules.flatMap((rule) => [...rule.check(graphOf(stage))])).toEqual([]),
);
