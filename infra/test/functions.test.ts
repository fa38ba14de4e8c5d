import { expect, test } from "vitest";
import { check } from "../rules/index.ts";
import { expectRule, graphOf } from "./graphs.ts";

const graph = graphOf("production");
const lambda = "aws:lambda/function:Function";
const role = "aws:iam/role:Role";

const allow = (inputs: Record<string, { policy: string }[]>, statement: object) => {
  const [inline] = inputs.inlinePolicies ?? [];
  if (!inline) throw new Error("the role has no inline policy");
  const policy = JSON.parse(inline.policy);
  inline.policy = JSON.stringify({ ...policy, Statement: [...policy.Statement, { Effect: "Allow", ...statement }] });
};

test("the rule finds an action with a star", () =>
  expectRule("no wildcards", graph, ({ find }) => {
    allow(find(role, /^ApiRole$/).inputs, { Action: "dynamodb:*", Resource: "arn:aws:dynamodb:::table/x" });
  }));

test("the rule finds an unlisted action on all resources", () => {
  expectRule("no wildcards", graph, ({ find }) => {
    allow(find(role, /^OnCourseCompletedRole$/).inputs, { Action: "s3:GetObject", Resource: "*" });
  });
});

// A role's exception must cover that role only, and nothing beyond it.
const policyOf = (inputs: Record<string, unknown>, statement: object) => {
  const policy = typeof inputs.policy === "string" ? JSON.parse(inputs.policy) : structuredClone(inputs.policy);
  inputs.policy = JSON.stringify({
    ...policy,
    Statement: [...[policy.Statement].flat(), { Effect: "Allow", ...statement }],
  });
};
test.each<[string, string, object]>([
  ["the role of deployments makes identities", "DeployServices1", { Action: "iam:Create*", Resource: "*" }],
  [
    "the role of deployments reads secrets",
    "DeployCareful",
    { Action: "secretsmanager:GetSecretValue", Resource: "*" },
  ],
  ["the role of deployments deletes keys", "DeployCareful", { Action: "kms:ScheduleKeyDeletion", Resource: "*" }],
  ["a service as a whole", "DeployServices2", { Action: "cloudfront:*", Resource: "*" }],
  ["everything but", "DeployServices3", { NotAction: "iam:*", Resource: "*" }],
])("%s: seen", (_, name, statement) =>
  expectRule("no wildcards", graph, ({ find }) => {
    policyOf(find("aws:iam/policy:Policy", new RegExp(`^${name}$`)).inputs, statement);
  }),
);
test.each<[string, object]>([
  ["BuildPolicy", { Action: "codebuild:*", Resource: "arn:aws:codebuild:us-east-1:1:project/x" }],
  ["PipelinePolicy", { Action: "codebuild:StartBuild", Resource: "*" }],
  ["WorkspaceTaskPolicy", { Action: "s3:GetObject", Resource: "*" }],
  ["WorkspaceExecutionPolicy", { Action: "ecr:*", Resource: "*" }],
])("%s with %j: seen", (name, statement) =>
  expectRule("no wildcards", graph, ({ find }) => {
    policyOf(find("aws:iam/rolePolicy:RolePolicy", new RegExp(`^${name}$`)).inputs, statement);
  }),
);

test("the rule finds an unlisted AWS managed policy, on a role and attached to one", () => {
  const attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
  expectRule("no unlisted policy of AWS", graph, ({ find }) => {
    find(attachment, /^BackupRoleBackup$/).inputs.policyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  });
  expectRule("no unlisted policy of AWS", graph, ({ find }) => {
    find(role, /^ApiRole$/).inputs.managedPolicyArns = ["arn:aws:iam::aws:policy/AmazonS3FullAccess"];
  });
  expectRule("no unlisted policy of AWS", graph, ({ add }) => {
    add(attachment, "Surprise", { policyArn: "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" });
  });
});

test("the rule finds another runtime and another architecture", () => {
  expectRule("nodejs24 on arm64", graph, ({ find }) => {
    find(lambda, /^ApiFunction$/).inputs.runtime = "nodejs22.x";
  });
  expectRule("nodejs24 on arm64", graph, ({ find }) => {
    find(lambda, /^ApiFunction$/).inputs.architectures = ["x86_64"];
  });
});

test("the rule finds a queue without dead letters", () =>
  expectRule("dead letters", graph, ({ find }) => {
    delete find("aws:sqs/queue:Queue", /^QueueNotifications$/).inputs.redrivePolicy;
  }));

test("the rule finds a function whose time-out exceeds a sixth of its queue's visibility timeout", () =>
  expectRule("visibility", graph, ({ find }) => {
    find(lambda, /^OnNotificationsFunction$/).inputs.timeout = 31;
  }));

test("a target and a schedule without a retry policy are seen, and without dead letters", () => {
  expectRule("retry policies", graph, ({ find }) => {
    delete find("aws:cloudwatch/eventTarget:EventTarget", /^TargetNotifications$/).inputs.retryPolicy;
  });
  expectRule("retry policies", graph, ({ find }) => {
    delete find("aws:scheduler/schedule:Schedule", /Relay/).inputs.target.deadLetterConfig;
  });
});

test("the rule finds a secret in an environment by its name, and by its value under any name", () => {
  expectRule("no secret in an environment", graph, ({ find }) => {
    find(lambda, /^ApiFunction$/).inputs.environment.variables.SESSION_SECRET = "x";
  });
  expectRule("no secret in an environment", graph, ({ find }) => {
    const first = find("aws:secretsmanager/secretVersion:SecretVersion", /^FinderKeyFirst$/).inputs.secretStringWo;
    find(lambda, /^ApiFunction$/).inputs.environment.variables.COLOUR = first.value ?? first;
  });
});

/** The rule's findings for one function with changed links. */
const linksOf = (name: string, change: (links: readonly string[]) => string[]) =>
  check({
    ...graph,
    bundles: graph.bundles.map((each) => (each.name === name ? { ...each, links: change(each.links) } : each)),
  }).filter(({ rule, resource }) => rule === "links are what is read" && resource === name);

test("the rule finds an unused link and a missing link", () => {
  expect(linksOf("CronRelay", (links) => [...links])).toEqual([]);
  expect(linksOf("CronRelay", (links) => [...links, "AuthTable"])).toHaveLength(1);
  expect(linksOf("CronRelay", (links) => links.filter((name) => name !== "Bus"))).toHaveLength(1);
});

test("the rule finds React in another function's bundle", () => {
  const found = (bundles: typeof graph.bundles) =>
    check({ ...graph, bundles }).filter(({ rule }) => rule === "react in one function");
  expect(found(graph.bundles)).toEqual([]);
  const renderer = graph.bundles.find(({ name }) => name === "OnNotifications");
  if (!renderer) throw new Error("no function renders mails");
  expect(found([...graph.bundles, { ...renderer, name: "OnSurprise" }])).toEqual([
    { rule: "react in one function", resource: "OnSurprise", message: "holds React" },
  ]);
});

// Shared modules bring these names into bundles; only what the handler can reach counts.
test.each([
  ["Api", "AuthTable"],
  ["OnNotifications", "Email"],
  ["OnNotifications", "Platform"],
  ["OnNotifications", "Settings"],
  ["OnCourseImport", "MediaBucket"],
  ["OnCourseImport", "PackagesBucket"],
  ["OnNotifications", "Secrets"],
  ["OnCourseCompleted", "SchoolRole"],
  ["Auth", "Secrets"],
])("%s without %s is seen", (bundle, missing) => {
  const found = linksOf(bundle, (links) => links.filter((name) => name !== missing));
  expect(found.map(({ message }) => message)).toEqual([expect.stringMatching(`reads Resource\\.${missing} \\(`)]);
});

test.each([
  ["OnCourseCompleted", "Secrets"],
  ["OnNotifications", "AuthTable"],
  ["CronDispatch", "SchoolRole"],
  ["CronRelay", "MediaBucket"],
  ["OnCourseCompleted", "Settings"],
])("%s with %s, which its bundle holds and its code never comes by, is seen", (bundle, more) => {
  expect(linksOf(bundle, (links) => [...links, more])).toHaveLength(1);
});

test("an exception covers one path only: the rule finds another read by the same function", () => {
  const relay = graph.bundles.find(({ name }) => name === "CronRelay");
  // The worker takes the relay's place: it works as one school by other ways too.
  const source = "packages/functions/src/work/queue.handler";
  const found = check({ ...graph, bundles: [{ ...(relay as (typeof graph.bundles)[number]), source }] });
  expect(found.map(({ message }) => message)).toContainEqual(expect.stringContaining("Resource.PackagesBucket"));
});

test("a function that emits and may not call the relay is seen, and a relay that is not there", () => {
  expectRule("relay/who emits may call it", graph, ({ find }) => {
    const { inlinePolicies } = find(role, /^OnCourseCompletedRole$/).inputs;
    for (const each of inlinePolicies)
      each.policy = each.policy.replaceAll("lambda:InvokeFunction", "lambda:GetFunction");
  });
  expectRule("relay/who emits may call it", graph, ({ find }) => {
    const { inlinePolicies } = find(role, /^ApiRole$/).inputs;
    for (const each of inlinePolicies) each.policy = each.policy.replaceAll("CronRelay:live", "CronUnpark:live");
  });
  expectRule("relay/there is one", graph, ({ remove }) => remove("aws:lambda/alias:Alias", /^CronRelayLive$/));
});

test.each(["Api", "OnCourseCompleted", "SchoolWork"])("%s without the name of the relay is seen", (name) =>
  expect(linksOf(name, (links) => links.filter((link) => link !== "Relay"))).toHaveLength(1),
);
