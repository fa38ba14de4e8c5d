import { expect, test } from "vitest";
import { check } from "../rules/index.ts";
import { expectRule, graphOf } from "./graphs.ts";

const graph = graphOf("production");
const lambda = "aws:lambda/function:Function";
const role = "aws:iam/role:Role";

/** Puts one more statement into the inline policy of a role. */
const allow = (inputs: Record<string, { policy: string }[]>, statement: object) => {
  const [inline] = inputs.inlinePolicies ?? [];
  if (!inline) throw new Error("the role has no inline policy");
  const policy = JSON.parse(inline.policy);
  inline.policy = JSON.stringify({ ...policy, Statement: [...policy.Statement, { Effect: "Allow", ...statement }] });
};

test("an action with a star is seen", () =>
  expectRule("no wildcards", graph, ({ find }) => {
    allow(find(role, /^ApiRole$/).inputs, { Action: "dynamodb:*", Resource: "arn:aws:dynamodb:::table/x" });
  }));

test("an action on everything is seen, unless it is listed", () => {
  expectRule("no wildcards", graph, ({ find }) => {
    allow(find(role, /^OnWelcomeRole$/).inputs, { Action: "s3:GetObject", Resource: "*" });
  });
});

test("another runtime is seen, and another processor", () => {
  expectRule("nodejs24 on arm64", graph, ({ find }) => {
    find(lambda, /^ApiFunction$/).inputs.runtime = "nodejs22.x";
  });
  expectRule("nodejs24 on arm64", graph, ({ find }) => {
    find(lambda, /^ApiFunction$/).inputs.architectures = ["x86_64"];
  });
});

test("a queue without dead letters is seen", () =>
  expectRule("dead letters", graph, ({ find }) => {
    delete find("aws:sqs/queue:Queue", /^QueueWelcome$/).inputs.redrivePolicy;
  }));

test("a function that may take longer than a sixth of what its messages are hidden for is seen", () =>
  expectRule("visibility", graph, ({ find }) => {
    find(lambda, /^OnEnrolledFunction$/).inputs.timeout = 31;
  }));

test("a target and a schedule without a retry policy are seen, and without dead letters", () => {
  expectRule("retry policies", graph, ({ find }) => {
    delete find("aws:cloudwatch/eventTarget:EventTarget", /^TargetHalfway$/).inputs.retryPolicy;
  });
  expectRule("retry policies", graph, ({ find }) => {
    delete find("aws:scheduler/schedule:Schedule", /Relay/).inputs.target.deadLetterConfig;
  });
});

test("a secret in an environment is seen by its name, and by its value under any name", () => {
  expectRule("no secret in an environment", graph, ({ find }) => {
    find(lambda, /^ApiFunction$/).inputs.environment.variables.SESSION_SECRET = "x";
  });
  expectRule("no secret in an environment", graph, ({ find }) => {
    const first = find("aws:secretsmanager/secretVersion:SecretVersion", /^FinderKeyFirst$/).inputs.secretStringWo;
    find(lambda, /^ApiFunction$/).inputs.environment.variables.COLOUR = first.value ?? first;
  });
});

test("a link that nobody reads is seen, and one that is read and missing", () => {
  const found = (change: (links: readonly string[]) => string[]) =>
    check({
      ...graph,
      bundles: graph.bundles.map((each) => (each.name === "CronRelay" ? { ...each, links: change(each.links) } : each)),
    }).filter(({ rule, resource }) => rule === "links are what is read" && resource === "CronRelay");
  expect(found((links) => [...links])).toEqual([]);
  expect(found((links) => [...links, "AuthTable"])).toHaveLength(1);
  expect(found((links) => links.filter((name) => name !== "Bus"))).toHaveLength(1);
});
