import type { Graph, GraphResource } from "../synth/graph.ts";
import { at, ofType, type Rule } from "./rule.ts";

// Limits at which AWS refuses a resource: lengths, characters, sizes of policies and lists. Adjustable quotas count
// with the default of a new account.

/** Maximum characters: `max` of the member in the API's model. */
const lengths: readonly (readonly [type: string, property: string, max: number])[] = [
  ["aws:lambda/function:Function", "name", 64],
  ["aws:lambda/function:Function", "description", 256],
  ["aws:lambda/alias:Alias", "description", 256],
  ["aws:iam/role:Role", "name", 64],
  ["aws:iam/role:Role", "description", 1_000],
  ["aws:iam/policy:Policy", "name", 128],
  ["aws:sqs/queue:Queue", "name", 80],
  ["aws:sns/topic:Topic", "name", 256],
  ["aws:sns/topic:Topic", "displayName", 100],
  ["aws:scheduler/schedule:Schedule", "name", 64],
  ["aws:cloudwatch/eventRule:EventRule", "name", 64],
  ["aws:cloudwatch/eventRule:EventRule", "description", 512],
  ["aws:cloudwatch/eventRule:EventRule", "eventPattern", 2_048],
  ["aws:cloudwatch/eventArchive:EventArchive", "name", 48],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", "name", 255],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", "alarmDescription", 1_024],
  ["aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarmName", 255],
  ["aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarmDescription", 1_024],
  ["aws:cloudwatch/compositeAlarm:CompositeAlarm", "alarmRule", 10_240],
  ["aws:cloudwatch/logMetricFilter:LogMetricFilter", "pattern", 1_024],
  ["aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "filterPattern", 1_024],
  ["aws:cloudwatch/queryDefinition:QueryDefinition", "queryString", 10_000],
  ["aws:lb/loadBalancer:LoadBalancer", "name", 32],
  ["aws:lb/targetGroup:TargetGroup", "name", 32],
  ["aws:rds/cluster:Cluster", "clusterIdentifier", 63],
  ["aws:rds/clusterInstance:ClusterInstance", "identifier", 63],
  ["aws:rds/proxy:Proxy", "name", 63],
  ["aws:s3/bucket:Bucket", "bucket", 63],
  ["aws:backup/plan:Plan", "name", 50],
  ["aws:backup/selection:Selection", "name", 50],
  ["aws:backup/vault:Vault", "name", 50],
  ["aws:backup/restoreTestingPlan:RestoreTestingPlan", "name", 50],
  ["aws:backup/restoreTestingSelection:RestoreTestingSelection", "name", 50],
  ["aws:codepipeline/pipeline:Pipeline", "name", 100],
  ["aws:codedeploy/application:Application", "name", 100],
  ["aws:codedeploy/deploymentGroup:DeploymentGroup", "deploymentGroupName", 100],
  ["aws:cloudfront/distribution:Distribution", "comment", 128],
  ["aws:cloudfront/function:Function", "code", 10_240],
  ["aws:ssm/parameter:Parameter", "value", 4_096],
  ["aws:ssm/parameter:Parameter", "insecureValue", 4_096],
  ["aws:wafv2/webAcl:WebAcl", "name", 128],
  ["aws:xray/group:Group", "groupName", 32],
  ["aws:xray/samplingRule:SamplingRule", "ruleName", 32],
];

const groupText = /^[\w. \-:/()#,@[\]+=&;{}!$*]{0,255}$/;
/** Permitted characters, from the API's models and EC2's error messages. */
const letters: readonly (readonly [type: string, property: string, taken: RegExp])[] = [
  ["aws:ec2/securityGroup:SecurityGroup", "description", groupText],
  ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "description", groupText],
  ["aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "description", groupText],
  ["aws:backup/plan:Plan", "name", /^[\w.-]*$/],
  ["aws:backup/vault:Vault", "name", /^[\w-]*$/],
  ["aws:backup/restoreTestingPlan:RestoreTestingPlan", "name", /^\w*$/],
  ["aws:backup/restoreTestingSelection:RestoreTestingSelection", "name", /^\w*$/],
  ["aws:sqs/queue:Queue", "name", /^[\w-]*(\.fifo)?$/],
  ["aws:scheduler/schedule:Schedule", "name", /^[\w.-]*$/],
  ["aws:scheduler/schedule:Schedule", "scheduleExpression", /^(rate\(\d+ (minute|hour|day)s?\)|cron\((\S+ ){5}\S+\))$/],
  ["aws:lb/loadBalancer:LoadBalancer", "name", /^(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/],
  ["aws:rds/cluster:Cluster", "clusterIdentifier", /^[a-z](-?[a-z0-9])*$/],
  ["aws:s3/bucket:Bucket", "bucket", /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/],
  ["aws:iam/role:Role", "description", /^[\t\n\r\x20-\x7e\xa1-\xff]*$/],
];

const textOf = (value: unknown): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);

const texts: Rule = {
  name: "limits of texts",
  why: "A name or a description that AWS does not take stops a deployment in its middle.",
  *check(graph) {
    for (const [type, property, max] of lengths)
      for (const each of ofType(graph, type)) {
        const { length } = textOf(at(each, property));
        if (length > max) yield { resource: each.name, message: `${property} has ${length} characters of ${max}` };
      }
    for (const [type, property, taken] of letters)
      for (const each of ofType(graph, type)) {
        const text = at(each, property);
        if (typeof text === "string" && !taken.test(text))
          yield { resource: each.name, message: `${property} "${text}" has letters that are not taken` };
      }
  },
};

/** EC2 accepts any character in a tag, but services that read all tags do not. */
const tag = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const tags: Rule = {
  name: "limits of tags",
  why: "Most services refuse a tag with other letters than these, and with it what was to be made.",
  *check(graph) {
    for (const each of graph.resources) {
      const own = at(each, "tags");
      if (typeof own !== "object" || own === null || Array.isArray(own)) continue;
      const entries = Object.entries(own);
      if (entries.length > 50) yield { resource: each.name, message: `has ${entries.length} tags of 50` };
      for (const [key, value] of entries)
        if (!tag.test(key) || !tag.test(String(value)) || key.length > 128 || String(value).length > 256)
          yield { resource: each.name, message: `has the tag ${key}=${String(value)}` };
    }
  },
};

const policySize = (policy: unknown): number => {
  if (policy === undefined) return 0;
  return JSON.stringify(typeof policy === "string" ? JSON.parse(policy) : policy).length;
};
const inlineOf = (graph: Graph, role: GraphResource): number => {
  const own = at(role, "inlinePolicies");
  const names = [role.name, at(role, "name")];
  const beside = ofType(graph, "aws:iam/rolePolicy:RolePolicy").filter((each) => names.includes(at(each, "role")));
  const policies = [
    ...(Array.isArray(own) ? own : []).map(({ policy }) => policy),
    ...beside.map((each) => at(each, "policy")),
  ];
  return policies.reduce((sum: number, policy) => sum + policySize(policy), 0);
};
const countOf = (resource: GraphResource, ...path: string[]): number => {
  const list = at(resource, ...path);
  return Array.isArray(list) ? list.length : 0;
};

/** Counts and sums: IAM, KMS, S3, Lambda, VPC and CloudWatch, from "Quotas" in each guide. */
const sizes: readonly {
  readonly type: string;
  readonly what: string;
  readonly max: number;
  readonly of: (resource: GraphResource, graph: Graph) => number;
}[] = [
  {
    type: "aws:iam/role:Role",
    what: "characters of trust",
    max: 2_048,
    of: (role) => policySize(at(role, "assumeRolePolicy")),
  },
  {
    type: "aws:iam/role:Role",
    what: "characters in policies of its own",
    max: 10_240,
    of: (role, graph) => inlineOf(graph, role),
  },
  { type: "aws:iam/role:Role", what: "managed policies", max: 10, of: (role) => countOf(role, "managedPolicyArns") },
  { type: "aws:iam/policy:Policy", what: "characters", max: 6_144, of: (each) => policySize(at(each, "policy")) },
  {
    type: "aws:iam/userPolicy:UserPolicy",
    what: "characters",
    max: 2_048,
    of: (each) => policySize(at(each, "policy")),
  },
  { type: "aws:kms/key:Key", what: "characters of policy", max: 32_768, of: (key) => policySize(at(key, "policy")) },
  {
    type: "aws:s3/bucketPolicy:BucketPolicy",
    what: "characters",
    max: 20_480,
    of: (each) => policySize(at(each, "policy")),
  },
  {
    type: "aws:lambda/function:Function",
    what: "bytes of environment",
    max: 4_096,
    of: (each) => Buffer.byteLength(textOf(at(each, "environment", "variables"))),
  },
  { type: "aws:ec2/networkAcl:NetworkAcl", what: "entries inwards", max: 20, of: (each) => countOf(each, "ingress") },
  { type: "aws:ec2/networkAcl:NetworkAcl", what: "entries outwards", max: 20, of: (each) => countOf(each, "egress") },
  {
    type: "aws:ec2/securityGroup:SecurityGroup",
    what: "rules inwards",
    max: 60,
    of: rulesOf("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ingress"),
  },
  {
    type: "aws:ec2/securityGroup:SecurityGroup",
    what: "rules outwards",
    max: 60,
    of: rulesOf("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "egress"),
  },
  {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    what: "actions",
    max: 5,
    of: (each) => countOf(each, "alarmActions"),
  },
  {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    what: "metrics and expressions",
    max: 20,
    of: (each) => countOf(each, "metricQueries"),
  },
  {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    what: "metrics in its expressions",
    max: 10,
    of: (each) =>
      (at(each, "metricQueries") as { metric?: unknown }[] | undefined)?.filter(({ metric }) => metric).length ?? 0,
  },
  {
    type: "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    what: "alarms",
    max: 100,
    of: (each) => textOf(at(each, "alarmRule")).split("ALARM(").length - 1,
  },
  {
    type: "aws:cloudfront/distribution:Distribution",
    what: "behaviors",
    max: 75,
    of: (each) => countOf(each, "orderedCacheBehaviors"),
  },
  {
    type: "aws:cloudwatch/logGroup:LogGroup",
    what: "subscriptions",
    max: 2,
    of: (group, graph) =>
      ofType(graph, "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter").filter(
        (each) => at(each, "logGroup") === at(group, "name"),
      ).length,
  },
  {
    type: "aws:cloudwatch/eventBus:EventBus",
    what: "rules",
    max: 300,
    of: (bus, graph) =>
      ofType(graph, "aws:cloudwatch/eventRule:EventRule").filter((each) => at(each, "eventBusName") === at(bus, "name"))
        .length,
  },
];

/** A rule with a prefix list counts as many times as the list's maximum; CloudFront's is 55. */
function rulesOf(type: string, inline: string) {
  return (group: GraphResource, graph: Graph): number =>
    ofType(graph, type)
      .filter((each) => at(each, "securityGroupId") === `${group.name}-id`)
      .reduce((sum, each) => sum + (at(each, "prefixListId") ? 55 : 1), countOf(group, inline));
}

const counts: Rule = {
  name: "limits of sizes",
  why: "A policy or a list that has grown over what AWS takes stops a deployment in its middle.",
  *check(graph) {
    for (const { type, what, max, of } of sizes)
      for (const each of ofType(graph, type)) {
        const size = of(each, graph);
        if (size > max) yield { resource: each.name, message: `has ${size} ${what}, and may have ${max}` };
      }
    // Lambda requires a batching window for batches larger than SQS returns at once.
    for (const each of ofType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping"))
      if (Number(at(each, "batchSize") ?? 10) > 10 && !(Number(at(each, "maximumBatchingWindowInSeconds")) >= 1))
        yield { resource: each.name, message: "takes more than 10 messages at once without a window to gather them" };
  },
};

export const limitRules: readonly Rule[] = [texts, tags, counts];
