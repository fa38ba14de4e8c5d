import { workQueue } from "../packages/functions/src/work/queue.list.ts";
import { budgetAndAnomalies } from "./alarms/budget.ts";
import { budgetPercent, burnQueries, objectives, ofPages, windows } from "./alarms/slo.ts";
import { alarm, composite, type MadeAlarm, raised, subjectIn } from "./alarms.ts";
import { makeCanary, watchCanary } from "./canary.ts";
import { suffixOf } from "./cell.ts";
import { makeDashboards } from "./dashboards.ts";
import { type Database, databases } from "./database.ts";
import { ownDomains } from "./domains.ts";
import { allFunctions } from "./functions.ts";
import { archiveLogs } from "./log-archive.ts";
import { allDeadLetters, queues, topics } from "./messaging.ts";
import { type FarPlace, farPlaces } from "./places.ts";
import { router } from "./router.ts";
import { firstCell, stageOf } from "./stage.ts";
import { authTable, dataTables, directoryTable } from "./tables.ts";
import { farServers, site } from "./web.ts";
import { workspace } from "./workspace.ts";

// Alarms and their receivers. Metrics come from the code's log lines (docs/observability.md) and from AWS;
// docs/runbook.md explains each alarm by its kind.
const stage = stageOf($app.stage);
const { stage: name } = $app;

// Created first, because the list of functions includes it.
const canary = stage.standing && !$dev ? makeCanary() : undefined;
for (const far of farPlaces) makeCanary(far);

const serving = [
  ...allFunctions.map(({ name: subject, functionName, region }) => ({
    subject,
    functionName: $output(functionName),
    region,
  })),
  ...(site.nodes.server
    ? [{ subject: "Web", functionName: site.nodes.server.apply((server) => server?.name ?? ""), region: undefined }]
    : []),
  ...farServers.map(({ subject, functionName, place: { region } }) => ({
    subject,
    functionName: $output(functionName),
    region,
  })),
];

const lectern = (metricName: string, dimensions: Record<string, string> = {}) => ({
  namespace: "Lectern",
  metricName,
  dimensions: { stage: name, ...dimensions },
});

// Functions under `sst dev` run on a laptop, so its sleep needs no alarm.
export const releaseHealth = $dev ? undefined : watch();

function watch(): MadeAlarm {
  const application = watchApplication();
  const functions = watchFunctions();
  watchQueues();
  watchStores();
  const visits = canary ? watchCanary() : [];
  watchFronts();
  watchObjectives();
  for (const far of farPlaces) watchPagesIn(far);
  makeDashboards(serving);
  budgetAndAnomalies(topics.errors.arn);
  archiveLogs();
  traces();

  const down = [application.errors, ...visits];
  composite(
    "service-down",
    "",
    visits.length > 0
      ? `(${raised(...visits)}) AND (${raised(application.errors, application.critical)})`
      : raised(application.critical),
    [...down, application.critical],
  );
  // Alarms that a bad release raises within minutes. Queue backlogs may be older than the release.
  const api = functions.filter(({ subject, region }) => !region && /^(Api|Auth|Web|Websocket)/.test(subject));
  const telling = [application.errors, application.critical, application.slow, ...visits, ...api];
  return composite("release-health", "", raised(...telling), telling);
}

/** CloudWatch metrics are regional, so a page server in another region needs its alarms there. */
function watchPagesIn(far: FarPlace): void {
  watchAnswers(far);
  watchCanary(far);
  watchObjectives(far);
  archiveLogs(far);
}

function watchAnswers(far?: FarPlace) {
  const at = far && { region: far.region };
  const errors = alarm("errors-burst", subjectIn("", far), {
    ...at,
    ...lectern("ErrorCount"),
    statistic: "Sum",
    period: 60,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 5,
    treatMissingData: "notBreaching",
  });
  const critical = alarm("critical-error", subjectIn("", far), {
    ...at,
    ...lectern("ErrorCount", { severity: "critical" }),
    statistic: "Sum",
    period: 60,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    treatMissingData: "notBreaching",
  });
  const slow = alarm("slow-answers", subjectIn("", far), {
    ...at,
    ...lectern("ResponseTime"),
    extendedStatistic: "p95",
    period: 60,
    // Three of five periods, so that one cold start in a quiet minute raises no alarm.
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 3_000,
    treatMissingData: "notBreaching",
  });
  return { errors, critical, slow };
}

function watchApplication() {
  const answers = watchAnswers();
  if (stage.kind === "production")
    alarm("no-traffic", "", {
      ...lectern("RequestCount"),
      statistic: "Sum",
      period: 300,
      evaluationPeriods: 1,
      comparisonOperator: "LessThanThreshold",
      threshold: 10,
      // Without visitors there is no data.
      treatMissingData: "breaching",
    });
  alarm("relay-stopped", "", {
    ...lectern("JobCount", { job: "cron relay" }),
    statistic: "Sum",
    period: 300,
    evaluationPeriods: 1,
    comparisonOperator: "LessThanThreshold",
    threshold: 1,
    treatMissingData: "breaching",
  });
  // The stage's alarm shows the worst cell; each cell's own alarm shows which one.
  for (const cell of stage.cells)
    alarm("outbox-age", cell === firstCell ? "" : cell, {
      ...lectern("OutboxAge", cell === firstCell ? {} : { cell }),
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 3,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 5 * 60_000,
      // The relay's own alarms cover missed runs.
      treatMissingData: "notBreaching",
    });
  alarm("domains-stuck", "", {
    ...lectern("DomainsStuck"),
    statistic: "Maximum",
    period: 600,
    evaluationPeriods: 3,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    // The schedule's own alarm covers failing runs.
    treatMissingData: "notBreaching",
  });
  alarm("dump-missing", "", {
    ...lectern("DumpAge"),
    statistic: "Maximum",
    period: 900,
    evaluationPeriods: 2,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 26 * 60 * 60_000,
    // A schedule that never runs reports nothing, which is worse than an old dump.
    treatMissingData: "breaching",
  });
  return answers;
}

function watchFunctions(): MadeAlarm[] {
  return serving.map(({ subject, functionName, region }) => {
    const of = {
      ...(region && { region }),
      namespace: "AWS/Lambda",
      statistic: "Sum",
      dimensions: { FunctionName: functionName },
    } as const;
    alarm("function-throttles", subject, {
      ...of,
      metricName: "Throttles",
      period: 60,
      evaluationPeriods: 5,
      datapointsToAlarm: 2,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      treatMissingData: "notBreaching",
    });
    return alarm("function-errors", subject, {
      ...of,
      metricName: "Errors",
      period: 300,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      treatMissingData: "notBreaching",
    });
  });
}

function watchQueues(): void {
  const of = { namespace: "AWS/SQS", statistic: "Maximum", period: 60, treatMissingData: "notBreaching" } as const;
  for (const { name: subject, queue } of allDeadLetters)
    alarm("dead-letters", subject, {
      ...of,
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queue.name },
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
    });
  for (const [subject, { queue }] of Object.entries(queues))
    alarm("queue-age", subject, {
      ...of,
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: queue.name },
      evaluationPeriods: 3,
      comparisonOperator: "GreaterThanThreshold",
      // A nightly round puts a message for every school into the queue at once.
      threshold: subject === workQueue ? 900 : 300,
    });
}

function watchStores(): void {
  for (const each of databases) watchDatabase(each);
  for (const [subject, table] of [
    ["Directory", directoryTable],
    ["AuthStore", authTable],
    ...dataTables.map(({ cell, table }) => [`SchoolData${suffixOf(cell)}`, table] as const),
  ] as const)
    watchTable(subject, table);
}

function watchDatabase({ cell, cluster, proxy }: Database): void {
  if (cluster) {
    const of = {
      namespace: "AWS/RDS",
      dimensions: { DBClusterIdentifier: cluster.clusterIdentifier },
      period: 60,
      comparisonOperator: "GreaterThanThreshold",
      // A paused database reports nothing.
      treatMissingData: "notBreaching",
    } as const;
    const sustained = { evaluationPeriods: 10, datapointsToAlarm: 8 } as const;
    const subject = `Database${suffixOf(cell)}`;
    alarm("database-capacity", subject, {
      ...{ ...of, ...sustained },
      metricName: "ACUUtilization",
      statistic: "Average",
      threshold: 90,
    });
    alarm("database-cpu", subject, {
      ...{ ...of, ...sustained },
      metricName: "CPUUtilization",
      statistic: "Average",
      threshold: 90,
    });
    alarm("database-connections", subject, {
      ...{ ...of, ...sustained },
      metricName: "DatabaseConnections",
      statistic: "Maximum",
      // Aurora allows about 90 connections per ACU, at most 5,000; the proxy may use 90 % of them.
      threshold: Math.min(5_000, stage.aurora.maxAcu * 90) * 0.8,
    });
    if (stage.aurora.readers > 0)
      alarm("database-replica-lag", subject, {
        ...of,
        metricName: "AuroraReplicaLagMaximum",
        statistic: "Maximum",
        evaluationPeriods: 5,
        threshold: 1_000,
      });
  }
  if (proxy)
    alarm("pinned-sessions", `DatabaseProxy${suffixOf(cell)}`, {
      namespace: "AWS/RDS",
      metricName: "DatabaseConnectionsCurrentlySessionPinned",
      dimensions: { ProxyName: proxy.name },
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      treatMissingData: "notBreaching",
    });
}

function watchTable(subject: string, table: sst.aws.Dynamo): void {
  const of = (metricName: string) => ({
    returnData: false,
    metric: { namespace: "AWS/DynamoDB", metricName, stat: "Sum", period: 60, dimensions: { TableName: table.name } },
  });
  alarm("table-throttles", subject, {
    metricQueries: [
      { id: "reads", ...of("ReadThrottleEvents") },
      { id: "writes", ...of("WriteThrottleEvents") },
      { id: "refused", expression: "FILL(reads, 0) + FILL(writes, 0)", label: "refused", returnData: true },
    ],
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    treatMissingData: "notBreaching",
  });
}

function watchFronts(): void {
  for (const [front, DistributionId] of [
    ["", router.distributionID],
    ["OwnDomains", ownDomains.id],
  ] as const)
    alarm("edge-errors", front, {
      namespace: "AWS/CloudFront",
      metricName: "5xxErrorRate",
      dimensions: { DistributionId, Region: "Global" },
      statistic: "Average",
      period: 60,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 1,
      treatMissingData: "notBreaching",
    });
  if (!workspace) return;
  const { balancer } = workspace;
  const [blue, green] = workspace.groups;
  const healthy = (id: string, group: aws.lb.TargetGroup) => ({
    id,
    returnData: false,
    metric: {
      namespace: "AWS/ApplicationELB",
      metricName: "HealthyHostCount",
      stat: "Minimum",
      period: 60,
      dimensions: { LoadBalancer: balancer.arnSuffix, TargetGroup: group.arnSuffix },
    },
  });
  if (!blue || !green) return;
  alarm("workspace-unhealthy", "", {
    // Between deployments one of the two target groups is empty.
    metricQueries: [
      healthy("blue", blue),
      healthy("green", green),
      { id: "tasks", expression: "FILL(blue, 0) + FILL(green, 0)", label: "healthy tasks", returnData: true },
    ],
    evaluationPeriods: 3,
    comparisonOperator: "LessThanThreshold",
    threshold: 1,
    treatMissingData: "breaching",
  });
}

function watchObjectives(far?: FarPlace): void {
  for (const objective of far ? objectives.map(ofPages) : objectives) {
    const subject = subjectIn(objective.name, far);
    const made = new Map(
      windows.map(({ kind, seconds, burn }) => [
        kind,
        alarm(kind, subject, {
          ...(far && { region: far.region }),
          metricQueries: burnQueries(objective, seconds, name).map((query) => ({
            ...query,
            ...(query.metric && { metric: { ...query.metric, dimensions: { ...query.metric.dimensions } } }),
          })),
          evaluationPeriods: 1,
          comparisonOperator: "GreaterThanThreshold",
          threshold: budgetPercent * burn,
          treatMissingData: "notBreaching",
        }),
      ]),
    );
    const [fastLong, fastShort, slowLong, slowShort] = [...made.values()];
    if (!fastLong || !fastShort || !slowLong || !slowShort) continue;
    composite(
      "slo-burn",
      subject,
      `(${raised(fastLong)} AND ${raised(fastShort)}) OR (${raised(slowLong)} AND ${raised(slowShort)})`,
      [...made.values()],
      far?.region,
    );
  }
}

function traces(): void {
  new aws.xray.SamplingRule("Traces", {
    ruleName: `${$app.name}-${name}`.slice(0, 32),
    priority: 1_000,
    version: 1,
    // X-Ray sampling: one request a second plus 5 % of the rest.
    reservoirSize: 1,
    fixedRate: 0.05,
    serviceName: `${$app.name}-${name}-*`,
    serviceType: "*",
    host: "*",
    httpMethod: "*",
    urlPath: "*",
    resourceArn: "*",
  });
  new aws.xray.Group("TracesInTrouble", {
    groupName: `${$app.name}-${name}-trouble`.slice(0, 32),
    filterExpression: "fault = true OR responsetime > 3",
    insightsConfiguration: { insightsEnabled: stage.standing, notificationsEnabled: false },
  });
}
