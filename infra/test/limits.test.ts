import { describe, expect, test } from "vitest";
import { limitRules } from "../rules/limits.ts";
import { expectRule, graphOf } from "./graphs.ts";

// AWS's limits: every stage keeps each one, and a violation is found.

const graph = graphOf("production");
const many = <T>(count: number, of: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => of(at));
const policy = (characters: number) =>
  JSON.stringify({ Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "x".repeat(characters) }] });

test.each(["production", "staging", "preview", "ada", "variant", "regions"])("%s is within what AWS takes", (stage) => {
  expect(limitRules.flatMap((rule) => [...rule.check(graphOf(stage))])).toEqual([]);
});

type Inputs = Record<string, unknown>;
describe("seen:", () => {
  test.each<[string, string, string, RegExp, (inputs: Inputs) => void]>([
    [
      "a reaction to so many events that its description is too long",
      "limits of texts",
      "aws:lambda/function:Function",
      /^OnEditionMovedFunction$/,
      (inputs) => {
        inputs.description = `${String(inputs.description)}, course.renamed`;
      },
    ],
    [
      "a function's name with a long stage in it",
      "limits of texts",
      "aws:lambda/function:Function",
      /^CronPerformanceReportFunction$/,
      (inputs) => {
        inputs.name = `lectern-${"a-very-long-name-of-a-colleague-or-two"}-CronPerformanceReport`;
      },
    ],
    [
      "an apostrophe in what a security group is for",
      "limits of texts",
      "aws:ec2/securityGroup:SecurityGroup",
      /^GroupCode$/,
      (inputs) => {
        inputs.description = "pages' server";
      },
    ],
    [
      "a dash in the name of a plan of trial restores",
      "limits of texts",
      "aws:backup/restoreTestingPlan:RestoreTestingPlan",
      /./,
      (inputs) => {
        inputs.name = "lectern-production";
      },
    ],
    [
      "a schedule that is none",
      "limits of texts",
      "aws:scheduler/schedule:Schedule",
      /^CronRefill/,
      (inputs) => {
        inputs.scheduleExpression = "cron(0 3 * * *)";
      },
    ],
    [
      "a function at the edge that is too big",
      "limits of texts",
      "aws:cloudfront/function:Function",
      /./,
      (inputs) => {
        inputs.code = `${String(inputs.code)}${"// more\n".repeat(200)}`;
      },
    ],
    [
      "a tag with a comma",
      "limits of tags",
      "aws:sqs/queue:Queue",
      /^DeadFinderEntry/,
      (inputs) => {
        inputs.tags = { for: "one, and another" };
      },
    ],
    [
      "a role that so many may take that its trust is too long",
      "limits of sizes",
      "aws:iam/role:Role",
      /^SchoolRole$/,
      (inputs) => {
        const AWS = many(40, (at) => `arn:aws:iam::123456789012:role/lectern-production-Function${at}Role`);
        inputs.assumeRolePolicy = JSON.stringify({ Statement: [{ Effect: "Allow", Principal: { AWS } }] });
      },
    ],
    [
      "a function's role with more rights than fit",
      "limits of sizes",
      "aws:iam/role:Role",
      /^ApiRole$/,
      (inputs) => {
        inputs.inlinePolicies = [
          { name: "inline", policy: policy(6_000) },
          { name: "more", policy: policy(6_000) },
        ];
      },
    ],
    [
      "a policy that has grown beside its role",
      "limits of sizes",
      "aws:iam/rolePolicy:RolePolicy",
      /^OperatorTaskPolicy$/,
      (inputs) => {
        inputs.policy = policy(11_000);
      },
    ],
    [
      "a managed policy that is too long",
      "limits of sizes",
      "aws:iam/policy:Policy",
      /^DeployServices1$/,
      (inputs) => {
        inputs.policy = policy(6_200);
      },
    ],
    [
      "settings that fill a function's environment",
      "limits of sizes",
      "aws:lambda/function:Function",
      /^ApiFunction$/,
      (inputs) => {
        inputs.environment = { variables: { LECTERN_SETTINGS: "x".repeat(4_100) } };
      },
    ],
    [
      "a list of a subnet's traffic with one region too many",
      "limits of sizes",
      "aws:ec2/networkAcl:NetworkAcl",
      /^NetworkAccessData$/,
      (inputs) => {
        inputs.ingress = many(21, (at) => ({ ruleNo: at }));
      },
    ],
    [
      "CloudFront's addresses twice in one group",
      "limits of sizes",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      /^(?!InBalancerEdge)/,
      (inputs) => {
        Object.assign(inputs, { securityGroupId: "GroupBalancer-id", prefixListId: "pl-1" });
      },
    ],
    [
      "a composite of more alarms than it may have",
      "limits of sizes",
      "aws:cloudwatch/compositeAlarm:CompositeAlarm",
      /^AlarmReleaseHealth$/,
      (inputs) => {
        inputs.alarmRule = many(101, (at) => `ALARM("a${at}")`).join(" OR ");
      },
    ],
    [
      "a batch that nobody waits to fill",
      "limits of sizes",
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      /./,
      (inputs) => {
        inputs.batchSize = 50;
      },
    ],
  ])("%s", (_, rule, type, name, plant) =>
    expectRule(rule, graph, ({ find }) => {
      plant(find(type, name).inputs);
    }),
  );

  test("a third reader of one function's log", () =>
    expectRule("limits of sizes", graph, ({ find, add }) => {
      const { inputs } = find("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", /^ApiTold$/);
      for (const name of ["Second", "Third"])
        add("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", name, inputs);
    }));
});
