import { at } from "../rules/rule.ts";
import type { Graph, GraphResource } from "../synth/graph.ts";
import { hoursPerMonth, price } from "./prices.ts";

/** A resource's standing cost. */
export interface Line {
  readonly what: string;
  readonly usd: number;
}

const hours = (name: string, count = 1): number => price("perHour", name) * hoursPerMonth * count;
const number = (value: unknown): number => (typeof value === "number" ? value : Number(value ?? 0));
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const isOf = (cluster: GraphResource, instance: GraphResource): boolean =>
  [at(cluster, "clusterIdentifier"), `${cluster.name}-id`].includes(at(instance, "clusterIdentifier"));

/** Minimum capacity of database instances that run all the time. */
function leastAcu(graph: Graph, instance: GraphResource): number {
  const clusters = graph.resources.filter(({ type }) => type === "aws:rds/cluster:Cluster");
  const cluster = clusters.find((each) => isOf(each, instance)) ?? clusters[0];
  return cluster ? number(at(cluster, "serverlessv2ScalingConfiguration", "minCapacity")) : 0;
}

type Priced = (resource: GraphResource, graph: Graph) => Line | undefined;

/** Monthly prices by type; undefined when an instance is free, such as a gateway endpoint. */
const priced: Readonly<Record<string, Priced>> = {
  "aws:ec2/natGateway:NatGateway": () => ({ what: "NAT gateways", usd: hours("natGateway") }),
  "aws:ec2/eip:Eip": () => ({ what: "public addresses", usd: hours("publicAddress") }),
  "aws:ec2/instance:Instance": (instance) => ({
    what: "EC2 instances (bastion, NAT)",
    usd: hours(String(at(instance, "instanceType"))) + 8 * price("perGbMonth", "ebs"),
  }),
  "aws:ec2/vpcEndpoint:VpcEndpoint": (endpoint) =>
    at(endpoint, "vpcEndpointType") === "Interface"
      ? {
          what: "interface endpoints",
          usd: hours("interfaceEndpointPerZone", Math.max(1, list(at(endpoint, "subnetIds")).length)),
        }
      : undefined,
  "aws:lb/loadBalancer:LoadBalancer": () => ({
    what: "load balancer",
    // One unit at least; internet-facing balancers have an address in each of two zones.
    usd: hours("loadBalancer") + hours("loadBalancerUnit") + hours("publicAddress", 2),
  }),
  "aws:rds/clusterInstance:ClusterInstance": (instance, graph) => ({
    what: "database instances at their least capacity",
    usd: hours("auroraAcu", leastAcu(graph, instance)),
  }),
  "aws:rds/cluster:Cluster": (cluster, graph) => {
    if (at(cluster, "databaseInsightsMode") !== "advanced") return undefined;
    const instances = graph.resources.filter(
      (each) => each.type === "aws:rds/clusterInstance:ClusterInstance" && isOf(cluster, each),
    ).length;
    const least = number(at(cluster, "serverlessv2ScalingConfiguration", "minCapacity"));
    return { what: "Database Insights", usd: hours("databaseInsightsAcu", least * instances) };
  },
  // Billed by the capacity behind it, at least eight units.
  "aws:rds/proxy:Proxy": () => ({ what: "database proxy", usd: hours("proxyAcu", 8) }),
  "aws:rds/proxyEndpoint:ProxyEndpoint": () => ({
    what: "database proxy",
    usd: hours("interfaceEndpointPerZone", 2),
  }),
  "aws:dax/cluster:Cluster": (cluster) => ({
    what: "DAX",
    usd: hours("daxT3Small", Math.max(1, number(at(cluster, "replicationFactor")))),
  }),
  "aws:ecs/service:Service": (service, graph) => {
    const task = graph.resources.find(
      ({ type, name }) => type === "aws:ecs/taskDefinition:TaskDefinition" && name === "WorkspaceDefinition",
    );
    if (!task) return undefined;
    const tasks = number(at(service, "desiredCount") ?? 1);
    return {
      what: "workspace tasks",
      usd: tasks * taskUsd(task),
    };
  },
  "aws:kms/key:Key": () => ({ what: "KMS keys", usd: price("perMonth", "kmsKey") }),
  "aws:kms/replicaKey:ReplicaKey": () => ({ what: "KMS keys", usd: price("perMonth", "kmsKey") }),
  "aws:secretsmanager/secret:Secret": () => ({ what: "secrets", usd: price("perMonth", "secret") }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (alarm) => ({
    what: "alarms",
    // AWS bills metric math per metric that it reads.
    usd:
      price("perMonth", "alarm") *
      Math.max(
        1,
        list(at(alarm, "metricQueries")).filter(
          (query) => typeof query === "object" && query !== null && Reflect.get(query, "metric"),
        ).length,
      ),
  }),
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": () => ({ what: "alarms", usd: price("perMonth", "compositeAlarm") }),
  "aws:cloudwatch/dashboard:Dashboard": () => ({ what: "dashboards", usd: price("perMonth", "dashboard") }),
  "aws:route53/zone:Zone": () => ({ what: "DNS zones", usd: price("perMonth", "hostedZone") }),
  "aws:route53/healthCheck:HealthCheck": () => ({ what: "health checks", usd: price("perMonth", "healthCheck") }),
  "aws:wafv2/webAcl:WebAcl": (acl) => ({
    what: "WAF",
    usd: price("perMonth", "webAcl") + list(at(acl, "rules")).length * price("perMonth", "webAclRule"),
  }),
  "aws:codepipeline/pipeline:Pipeline": () => ({ what: "pipeline", usd: price("perMonth", "pipeline") }),
  "aws:shield/protection:Protection": () => ({ what: "Shield Advanced", usd: price("perMonth", "shieldAdvanced") }),
};

export const taskUsd = (task: GraphResource): number =>
  hours("fargateVcpuArm", number(at(task, "cpu")) / 1024) + hours("fargateGbArm", number(at(task, "memory")) / 1024);

/** No standing cost; usage is part of the months or free. */
const free = [
  /^(sst|pulumi|pulumi-nodejs|random|tls|command|docker-build):/,
  /^aws:(iam|vpc|cloudfront|apigateway|apigatewayv2|sns|sqs|ssm|acm|budgets|costexplorer|appautoscaling|lambda|s3|scheduler|sesv2|ses|ecr|efs|backup|codebuild|codedeploy|codestarconnections|resourcegroups|dynamodb|xray|kinesis)\//,
  /^aws:ec2\/(vpc|vpcPeeringConnection|vpcPeeringConnectionAccepter|subnet|route|routeTable|routeTableAssociation|mainRouteTableAssociation|internetGateway|securityGroup|defaultSecurityGroup|networkAcl|defaultNetworkAcl|networkAclAssociation|flowLog|eipAssociation|vpcEndpointPolicy|keyPair):/,
  /^aws:lb\/(listener|listenerRule|listenerCertificate|targetGroup|targetGroupAttachment):/,
  /^aws:rds\/(subnetGroup|clusterParameterGroup|parameterGroup|proxyDefaultTargetGroup|proxyTarget|clusterRoleAssociation):/,
  /^aws:dax\/(subnetGroup|parameterGroup):/,
  /^aws:ecs\/(cluster|taskDefinition|clusterCapacityProviders):/,
  /^aws:kms\/(alias|grant|keyPolicy):/,
  /^aws:secretsmanager\/(secretVersion|secretPolicy|secretRotation):/,
  /^aws:cloudwatch\/(log|event|queryDefinition|metricStream)/,
  /^aws:route53\/(record|keySigningKey|hostedZoneDnsSec|queryLog):/,
  /^aws:wafv2\/(webAclAssociation|webAclLoggingConfiguration|ipSet|ruleGroup):/,
  /^aws:cloudtrail\//,
  /^aws:shield\/(?!protection:)/,
  /^aws:servicediscovery\//,
];

/** Returns a stage's idle monthly cost by purpose, and the types without a price. */
export function standing(graph: Graph): { lines: Line[]; unknown: string[] } {
  const sums = new Map<string, number>();
  const unknown = new Set<string>();
  for (const resource of graph.resources) {
    const cost = priced[resource.type];
    if (!cost) {
      if (!free.some((pattern) => pattern.test(resource.type))) unknown.add(resource.type);
      continue;
    }
    const line = cost(resource, graph);
    if (line) sums.set(line.what, (sums.get(line.what) ?? 0) + line.usd);
  }
  const lines = [...sums].map(([what, usd]) => ({ what, usd })).sort((a, b) => b.usd - a.usd);
  return { lines, unknown: [...unknown].sort() };
}

/** The first cell's database, proxy, secrets and alarms; its table is billed by use. */
const ofFirstCell =
  /^(Database(?!(Migrator|Provisioner)Password|There|Global)|Alarm(Database|PinnedSessions|OutboxAge|TableThrottlesSchoolData))(?!.*Cell\d)/;

/** Returns the cost of one more cell, which has the same parts as the first. */
export const furtherCell = (graph: Graph): Line[] =>
  standing({ ...graph, resources: graph.resources.filter(({ name }) => ofFirstCell.test(name)) }).lines;

export const total = (lines: readonly Line[]): number => lines.reduce((sum, { usd }) => sum + usd, 0);
