import { clustersOf } from "../rules/cells.ts";
import { ofType } from "../rules/rule.ts";
import type { Graph } from "../synth/graph.ts";
import type { Month } from "./months.ts";
import { hoursPerMonth, price } from "./prices.ts";
import { type Line, standing, taskUsd } from "./standing.ts";

const million = (name: string, count: number): number => (price("perMillion", name) * count) / 1e6;
const stored = (name: string, gb: number): number => price("perGbMonth", name) * gb;
const moved = (name: string, gb: number): number => price("perGb", name) * gb;

// Usage per page, call or event: estimates, to be replaced by a stage's measurements.
const each = {
  pageSeconds: 0.12,
  callSeconds: 0.04,
  eventSeconds: 0.15,
  functionGb: 1.75,
  tableReads: 4,
  tableWrites: 0.5,
  databaseIo: 3,
  logKb: 1.2,
  metricSeries: 700,
  /** Files per page requested from the edge. */
  assets: 6,
  /** Minutes per month in which a school changes public pages. */
  editingMinutes: 60,
  traceShare: 0.05,
  /** One file per table, the items, the manifest. */
  dumpFiles: 26,
  /** Data a remote page reads from home, half of it through a NAT gateway. */
  farPageKb: 40,
  /** Metric series that a page server writes in its own region. */
  pageSeries: 300,
};

/** Returns a month's usage costs on top of the standing costs. */
function used(graph: Graph, month: Month): Line[] {
  const requests = month.pages + month.apiCalls;
  const edgeRequests = month.pages * (1 + each.assets) + month.apiCalls;
  const seconds = month.pages * each.pageSeconds + month.apiCalls * each.callSeconds + month.events * each.eventSeconds;
  // Crons, the canary and the relay run every minute without visitors too.
  const minutely = 60 * hoursPerMonth;
  const functions = requests + month.events + 4 * minutely;
  const cells = Math.max(1, clustersOf(graph).length);
  const instances = ofType(graph, "aws:rds/clusterInstance:ClusterInstance").length / cells;
  const least = standing(graph).lines.find(({ what }) => what.startsWith("database instances"))?.usd ?? 0;
  const acuUsd = instances * month.averageAcu * price("perHour", "auroraAcu") * hoursPerMonth;
  const hasProxy = ofType(graph, "aws:rds/proxy:Proxy").length > 0;
  const task = ofType(graph, "aws:ecs/taskDefinition:TaskDefinition").find(
    ({ name }) => name === "WorkspaceDefinition",
  );
  const logsGb = ((functions + month.events) * each.logKb) / 1e6;
  const replicated = ofType(graph, "aws:s3/bucketReplicationConfig:BucketReplicationConfig").length > 0;
  const websockets = ofType(graph, "aws:apigatewayv2/api:Api").length > 0;
  return [
    {
      what: "Lambda",
      usd:
        million("lambda", functions) + million("lambdaGbSecondArm", (seconds + 4 * minutely * 0.05) * each.functionGb),
    },
    {
      what: "CloudFront",
      usd:
        moved("edge", month.edgeGb) +
        million("edgeRequest", edgeRequests) +
        million("edgeFunction", edgeRequests) +
        million("edgeStoreRead", edgeRequests),
    },
    {
      // Grows with the number of schools; each invalidation calls the store once or twice.
      what: "pages invalidated at the edge",
      usd: million("edgeStoreCall", month.schools * each.editingMinutes * 2),
    },
    { what: "own domains", usd: Math.max(0, month.ownDomains - 10) * price("perMonth", "distributionTenant") },
    { what: "WAF requests", usd: million("webAclRequest", edgeRequests) },
    { what: "database above its least capacity", usd: Math.max(0, acuUsd - least) },
    {
      what: "database storage, I/O and backups",
      usd:
        stored("aurora", month.databaseGb) +
        stored("auroraBackup", month.databaseGb * 4) +
        million("auroraIo", requests * each.databaseIo),
    },
    {
      what: "database proxy above eight units",
      usd: hasProxy
        ? Math.max(0, instances * month.averageAcu - 8 * cells) * price("perHour", "proxyAcu") * hoursPerMonth
        : 0,
    },
    {
      what: "DynamoDB",
      usd:
        million("dynamodbRead", requests * each.tableReads + 2 * minutely) +
        million("dynamodbWrite", requests * each.tableWrites + month.events * 2) +
        stored("dynamodb", month.tableGb) +
        stored("dynamodbBackup", month.tableGb),
    },
    {
      what: "S3 and its copies",
      usd:
        stored("s3", month.filesGb * 0.4) +
        stored("s3InfrequentAccess", month.filesGb * 0.6) * (replicated ? 2 : 1) +
        (replicated ? moved("crossRegion", month.filesGb * 0.05) : 0) +
        million("s3Get", month.pages * 0.2) +
        million("s3Put", month.pages * 0.01),
    },
    {
      // Kept for 35 days; compression reduces rows to a quarter.
      what: "a dump of each school every night",
      usd:
        million("s3Put", month.schools * (hoursPerMonth / 24) * each.dumpFiles) +
        stored("s3", ((month.databaseGb + month.tableGb) / 4) * 35 * (month.schools > 0 ? 1 : 0)),
    },
    { what: "EFS", usd: stored("efs", month.sharedGb) },
    { what: "backups", usd: stored("backup", month.filesGb * 0.3 + month.tableGb + month.sharedGb) },
    {
      what: "events, queues and topics",
      usd:
        million("eventBridge", month.events) + million("sqs", month.events * 4 + 12 * minutely) + million("sns", 1_000),
    },
    { what: "mail", usd: million("mail", month.mails) },
    {
      what: "websockets",
      usd: websockets
        ? million("websocketMinute", month.websocketMinutes) + million("websocketMessage", month.websocketMinutes / 10)
        : 0,
    },
    {
      what: "logs, metrics and traces",
      usd:
        moved("logsIngested", logsGb) +
        stored("logs", logsGb / 10) +
        (requests > 0 ? each.metricSeries : 60) * price("perMonth", "metric") +
        million("trace", requests * each.traceShare),
    },
    { what: "keys and secrets in use", usd: million("kms", requests * 0.05) + million("secretRead", minutely) },
    { what: "DNS", usd: million("dnsQuery", edgeRequests / 20) },
    { what: "NAT and endpoints, by traffic", usd: moved("nat", requests / 1e6) + moved("endpoint", requests / 1e6) },
    { what: "more workspace tasks", usd: task ? month.extraTasks * taskUsd(task) : 0 },
    { what: "builds", usd: month.releases * 40 * price("perMinute", "codeBuildSmallArm") },
  ].filter(({ usd }) => usd >= 0.005);
}

/** Compares two graphs to find the standing cost of a page server in one more region. */
export function farStanding(of: Graph, withMore: Graph): Line[] {
  const regions = (graph: Graph) => ofType(graph, "aws:ec2/vpcPeeringConnection:VpcPeeringConnection").length;
  const more = regions(withMore) - regions(of);
  const before = new Map(standing(of).lines.map(({ what, usd }) => [what, usd]));
  return standing(withMore)
    .lines.map(({ what, usd }) => ({ what, usd: (usd - (before.get(what) ?? 0)) / more }))
    .filter(({ usd }) => usd >= 0.005);
}

/** Returns the extra cost of a million pages rendered there. */
export const farMillionPages = (): number => {
  const gb = each.farPageKb;
  return moved("crossRegion", gb) + moved("nat", gb / 2);
};

/** Returns the metrics cost there once every page has been requested. */
export const farMetrics = (): number => each.pageSeries * price("perMonth", "metric");

export const monthly = (graph: Graph, month: Month): Line[] => [...standing(graph).lines, ...used(graph, month)];
