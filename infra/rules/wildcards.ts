import type { Graph, GraphResource } from "../synth/graph.ts";
import { at, isDev, ofType, type Rule } from "./rule.ts";

// No role or policy may allow action patterns or all resources, except as listed here with a reason.

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const list = (value: unknown): string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);

interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly isInverse: boolean;
}

function* allowed(resource: GraphResource): Iterable<Allowed> {
  const inline = at(resource, "inlinePolicies");
  const texts = [at(resource, "policy"), ...(Array.isArray(inline) ? inline.map((each) => record(each).policy) : [])];
  for (const text of texts) {
    const { Statement: found } = record(typeof text === "string" ? JSON.parse(text) : text);
    for (const each of (Array.isArray(found) ? found : [found]).map(record)) {
      if (each.Effect !== "Allow") continue;
      const isInverse = each.NotAction !== undefined || each.NotResource !== undefined;
      yield { actions: list(each.Action), resources: list(each.Resource), isInverse };
    }
  }
}

interface Exception {
  readonly actions: RegExp;
  /** Roles and policies it applies to; all when omitted. */
  readonly of?: RegExp;
  readonly because: string;
}

/** Deployment verbs: create, change, read and remove resources. */
const verbs =
  "Add|Allocate|Associate|Attach|Authorize|Copy|Create|Delete|Deregister|Describe|Detach|Disable|Disassociate|Enable|Get|List|" +
  "Modify|Publish|Put|Register|Release|Remove|Replace|Request|Reset|Revoke|Run|Set|Start|Stop|Subscribe|Tag|Terminate|" +
  "Unsubscribe|Untag|Update|Verify";

/** Permitted action patterns. */
const patterns: readonly Exception[] = [
  {
    of: /^DeployServices\d$/,
    actions: new RegExp(`^(?!iam:|sts:|kms:|secretsmanager:|organizations:|account:)[a-z0-9-]+:(${verbs})\\*$`),
    because:
      "The role of deployments: services that stand in the graph and no others (`npm run rights`), by verb; never identities, keys or secrets.",
  },
  {
    of: /^DeployBoundary$/,
    actions: /^\*$/,
    because:
      "A boundary gives nothing: it is the most that roles of a deployment may ever be given, and says below what is not.",
  },
];

const everywhere: readonly Exception[] = [
  { actions: /^xray:Put(TraceSegments|TelemetryRecords)$/, because: "Traces belong to nothing that has a name." },
  {
    actions: /^ec2:(Assign|Unassign)PrivateIpAddresses$|^ec2:(Create|Delete)NetworkInterface$|^ec2:Describe\w+$/,
    because: "Lambda lays a function's way into the network; the function's own code is denied them beside it.",
  },
  { actions: /^ses:GetAccount$/, because: "The account itself is what is asked about." },
  {
    of: /^(CronAdvanceDomains|OnDomainRe(moved|quested))Role$/,
    actions: /^acm:RequestCertificate$/,
    because:
      "A certificate has no name before it is asked for. Three functions may, and only where CloudFront answers for it.",
  },
  {
    of: /^(Workspace|Operator)ExecutionPolicy$/,
    actions: /^ecr:GetAuthorizationToken$/,
    because: "The token for fetching images is the account's; AWS takes no name for it.",
  },
  {
    of: /^WorkspaceTaskPolicy$/,
    actions: /^ecs:(Register|Describe|Deregister)TaskDefinition$/,
    because: "ECS takes no name for these; what a definition could run as is said by the two roles that may be passed.",
  },
  {
    of: /^DeployServices\d$/,
    actions: /^(?!iam:|sts:|kms:|secretsmanager:|organizations:|account:)[a-z0-9-]+:[A-Z]\w+$/,
    because: "What a deployment makes has no name before it is made. Same services as the patterns, spelled out.",
  },
  {
    of: /^DeployCareful$/,
    actions:
      /^kms:((Create|Update|Delete)Alias|ListAliases|CreateGrant|CreateKey|ReplicateKey|DescribeKey|(Enable|Get)KeyRotation(Status)?|(Get|Put)KeyPolicy|UpdateKeyDescription|ListResourceTags|TagResource|Encrypt|Decrypt|GenerateDataKey)$/,
    because: "Keys are made by a deployment and have no name before; it can neither delete nor disable one.",
  },
  {
    of: /^DeployCareful$/,
    actions:
      /^secretsmanager:((Create|Delete|Describe|Rotate|Update)Secret|GetResourcePolicy|PutSecretValue|TagResource)$/,
    because: "Secrets are made by a deployment, which can never read one (no GetSecretValue).",
  },
  {
    of: /^DeployCareful$/,
    actions: /^iam:CreateServiceLinkedRole$/,
    because: "Roles that services make for themselves; their rights are AWS's.",
  },
];

/** Permitted AWS managed policies, and their roles. */
const managed: readonly { readonly policy: RegExp; readonly to: RegExp; readonly because: string }[] = [
  {
    policy: /^AmazonSSMManagedInstanceCore$/,
    to: /^(BastionRole|NetworkNatInstanceRole)$/,
    because: "A machine without an open port is reached through Session Manager, which is this.",
  },
  {
    policy: /^service-role\/AmazonAPIGatewayPushToCloudWatchLogs$/,
    to: /^APIGatewayPushToCloudWatchLogsRole$/,
    because: "One role per account by which API Gateway writes access logs; it can do nothing else.",
  },
  {
    policy: /^(service-role\/)?AWSBackupServiceRolePolicyFor(Backup|Restores|S3Backup|S3Restore)$/,
    to: /^BackupRole/,
    because: "AWS Backup copies and restores what the plan selects by tag; only that service may take the role.",
  },
  {
    policy: /^service-role\/AWSCodeDeployRoleForLambdaLimited$/,
    to: /^ShiftRights$/,
    because: "CodeDeploy moves aliases; of its policies this is the one that may not invoke everything.",
  },
  {
    policy: /^AmazonECSInfrastructureRolePolicyForLoadBalancers$/,
    to: /^WorkspaceSwitchPolicy$/,
    because: "ECS switches the balancer's listener between two releases; only that service may take the role.",
  },
];

const isListed = (exceptions: readonly Exception[], resource: string, action: string): boolean =>
  exceptions.some(({ of, actions }) => (of?.test(resource) ?? true) && actions.test(action));

const iam = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"];

const noWildcards: Rule = {
  name: "no wildcards",
  why: "A right on everything is a right that nobody has thought about.",
  *check(graph) {
    for (const resource of ofType(graph, ...iam)) {
      const { name } = resource;
      for (const { actions, resources, isInverse } of allowed(resource)) {
        // SST's bridge for live development; personal stages only.
        if (isDev(graph) && actions.every((action) => action === "appsync:*" || action === "s3:*")) continue;
        if (isInverse) yield { resource: name, message: "allows everything but what it names" };
        for (const action of actions) {
          if (action.includes("*")) {
            if (!isListed(patterns, name, action)) yield { resource: name, message: `allows ${action}` };
          } else if (resources.includes("*") && !isListed(everywhere, name, action))
            yield { resource: name, message: `allows ${action} on everything` };
        }
      }
    }
  },
};

function* attached(graph: Graph): Iterable<readonly [resource: string, policy: string]> {
  for (const resource of graph.resources) {
    const arns = [at(resource, "policyArn"), at(resource, "managedPolicyArns")].flatMap(list);
    for (const arn of arns) {
      const [, policy] = /^arn:[\w-]+:iam::aws:policy\/(.+)$/.exec(arn) ?? [];
      if (policy) yield [resource.name, policy];
    }
  }
}

const noManagedPolicies: Rule = {
  name: "no unlisted policy of AWS",
  why: "A policy that somebody else writes may allow more tomorrow than it does today.",
  *check(graph) {
    for (const [resource, policy] of attached(graph))
      if (!managed.some((each) => each.policy.test(policy) && each.to.test(resource)))
        yield { resource, message: `is given AWS's own ${policy}` };
  },
};

export const wildcardRules: readonly Rule[] = [noWildcards, noManagedPolicies];
