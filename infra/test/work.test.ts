import { test } from "vitest";
import { at, ofType } from "../rules/rule.ts";
import { expectRule, graphOf } from "./graphs.ts";

// Work in schools: each rule finds nothing as things are, and the mistake planted here.
const graph = graphOf("production");

test("the rule finds a worker that takes several schools' messages at once", () =>
  expectRule("work/one school at a time", graph, ({ find }) => {
    find("aws:lambda/eventSourceMapping:EventSourceMapping", /^SchoolWorkSource$/).inputs.batchSize = 10;
  }));

const plant =
  (name: RegExp, change: (statements: Record<string, unknown>[]) => void): Parameters<typeof expectRule>[2] =>
  ({ find }) => {
    const [inline] = find("aws:iam/role:Role", name).inputs.inlinePolicies;
    const policy = JSON.parse(inline.policy);
    change(policy.Statement);
    inline.policy = JSON.stringify(policy);
  };

test("the rules find a dispatcher that may write more than timers, and another function that reaches them", () => {
  const rule = "work/timers of all schools";
  expectRule(
    rule,
    graph,
    plant(/^CronDispatchRole$/, (statements) => {
      for (const each of statements) if ([each.Action].flat().includes("dynamodb:UpdateItem")) delete each.Condition;
    }),
  );
  expectRule(
    rule,
    graph,
    plant(/^OnCourseCompletedRole$/, (statements) => {
      statements.push({
        ...{
          Effect: "Allow",
          Action: "dynamodb:UpdateItem",
          Resource: "arn:aws:dynamodb:us-east-1:1:table/SchoolDataTable",
        },
        Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": "$due#schoolId_*" } },
      });
    }),
  );
});

test("the rule finds another function that may send school work", () =>
  expectRule("work/one sender", graph, ({ find, add, remove }) => {
    const [queue] = ofType(graph, "aws:sqs/queue:Queue").filter(({ name }) => name === "QueueSchoolWork");
    const Resource = `arn:aws:sqs:us-east-1:1:${String(queue && at(queue, "name"))}`;
    plant(/^OnCourseCompletedRole$/, (statements) => {
      statements.push({ Effect: "Allow", Action: "sqs:SendMessage", Resource });
    })({ find, add, remove });
  }));
