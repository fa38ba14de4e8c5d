import { region } from "./account.ts";
import { allAlarms } from "./alarms.ts";
import { databases } from "./database.ts";
import { type FarPlace, farPlaces, home, type Place } from "./places.ts";
import { dataTables } from "./tables.ts";

interface Serving {
  readonly subject: string;
  readonly functionName: $util.Output<string>;
  /** The metric's region when it is not the stage's own. */
  readonly region: string | undefined;
}

/** The last ten releases from the pipeline: "2026-11-21T13:00:00Z=1f3c2a9,...". */
function releases(): { value: string; label: string; color: string }[] {
  return (process.env.LECTERN_RELEASES ?? "")
    .split(",")
    .filter(Boolean)
    .map((each) => {
      const at = each.indexOf("=");
      return { value: each.slice(0, at), label: each.slice(at + 1), color: "#7f7f7f" };
    });
}

/** Creates the dashboards for errors and performance, with releases marked, and saved log queries. */
export function makeDashboards(serving: readonly Serving[]): void {
  const { name: app, stage } = $app;
  const search = (dimensions: string, metric: string, stat: string, period = 60) =>
    `SEARCH('{Lectern,${dimensions}} stage="${stage}" MetricName="${metric}"', '${stat}', ${period})`;
  const total = (metric: string, stat: string, label: string) => ["Lectern", metric, "stage", stage, { stat, label }];
  const marker = total("Release", "Sum", "release");
  const vertical = releases();

  const board = (
    title: string,
    widgets: readonly { title: string; wide?: boolean; metrics: readonly unknown[]; more?: object }[],
  ) => {
    let [x, y] = [0, 0];
    const placed = widgets.map(({ title: heading, wide, metrics, more }) => {
      const width = wide ? 24 : 12;
      if (x + width > 24) [x, y] = [0, y + 6];
      const at = { x, y, width, height: 6 };
      x += width;
      return { ...at, heading, metrics, more };
    });
    new aws.cloudwatch.Dashboard(`Dashboard${title}`, {
      dashboardName: `${app}-${stage}-${title.toLowerCase()}`,
      dashboardBody: $util.jsonStringify({
        periodOverride: "inherit",
        widgets: placed.map(({ heading, metrics, more, ...at }) => ({
          type: "metric",
          ...at,
          properties: {
            title: heading,
            region,
            view: "timeSeries",
            stacked: false,
            period: 60,
            ...more,
            metrics,
            annotations: { vertical },
          },
        })),
      }),
    });
  };
  const found = (expression: string, label: string) => [
    { expression, label, id: label.replaceAll(/\W/g, "").toLowerCase() },
  ];

  board("Errors", [
    { title: "Errors a minute, and releases", wide: true, metrics: [total("ErrorCount", "Sum", "errors"), marker] },
    { title: "By type", metrics: [found(search("stage,type", "ErrorCount", "Sum"), "types")] },
    { title: "By severity", metrics: [found(search("stage,severity", "ErrorCount", "Sum"), "severities")] },
    { title: "By endpoint", metrics: [found(search("stage,endpoint", "ErrorCount", "Sum"), "endpoints")] },
    {
      title: "Share of answers that failed, by endpoint",
      metrics: [found(search("stage,endpoint", "ErrorRate", "Average"), "rates")],
    },
    { title: "Jobs that failed", metrics: [found(search("stage,job", "JobErrorRate", "Average"), "jobs")] },
    {
      title: "Functions that ended with an error",
      metrics: serving.map(({ subject, functionName, region }) => [
        "AWS/Lambda",
        "Errors",
        "FunctionName",
        functionName,
        { stat: "Sum", label: subject, ...(region && { region }) },
      ]),
    },
    ...farPlaces.map((far) => ({
      title: `Errors a minute of pages in ${far.region}`,
      metrics: [total("ErrorCount", "Sum", "errors")],
      more: { region: far.region },
    })),
  ]);
  board("Performance", [
    {
      title: "Time to answer, and releases",
      wide: true,
      metrics: [
        ...["p50", "p95", "p99"].map((stat) => total("ResponseTime", stat, stat)),
        [...marker.slice(0, -1), { stat: "Sum", label: "release", yAxis: "right" }],
      ],
      more: { annotations: { vertical, horizontal: [{ value: 3_000, label: "limit of p95" }] } },
    },
    { title: "p95 by endpoint", metrics: [found(search("stage,endpoint", "ResponseTime", "p95"), "times")] },
    { title: "p99 by endpoint", metrics: [found(search("stage,endpoint", "ResponseTime", "p99"), "tails")] },
    { title: "Requests by endpoint", metrics: [found(search("stage,endpoint", "RequestCount", "Sum"), "requests")] },
    {
      title: "Size of requests by endpoint",
      metrics: [found(search("stage,endpoint", "RequestSize", "Average"), "sent")],
    },
    {
      title: "Size of answers by endpoint",
      metrics: [found(search("stage,endpoint", "ResponseSize", "Average"), "received")],
    },
    { title: "Time of jobs, p95", metrics: [found(search("stage,job", "JobTime", "p95"), "jobtimes")] },
    { title: "What people do", metrics: [found(search("stage,activity", "UserActivity", "Sum"), "activities")] },
    {
      title: "Functions at work at once",
      metrics: serving.map(({ subject, functionName, region }) => [
        "AWS/Lambda",
        "ConcurrentExecutions",
        "FunctionName",
        functionName,
        { stat: "Maximum", label: subject, ...(region && { region }) },
      ]),
    },
    ...farPlaces.map((far) => ({
      title: `Time to answer of pages in ${far.region}`,
      metrics: ["p50", "p95", "p99"].map((stat) => total("ResponseTime", stat, stat)),
      more: { region: far.region },
    })),
    ...cells(search("stage,cell", "OutboxAge", "Maximum")),
  ]);
  questions(serving.filter((each) => !each.region));
  for (const far of farPlaces)
    questions(
      serving.filter((each) => each.region === far.region),
      far,
    );
  // All alarms at a glance for the person on call.
  new aws.cloudwatch.Dashboard("DashboardAlarms", {
    dashboardName: `${app}-${stage}-alarms`,
    dashboardBody: $util.jsonStringify({
      widgets: [undefined, ...farPlaces]
        .flatMap((far) => hundreds(far))
        .map((widget, index) => ({
          type: "alarm",
          x: 0,
          y: 12 * index,
          width: 24,
          height: 12,
          properties: widget,
        })),
    }),
  });
}

function hundreds(far: FarPlace | undefined) {
  const own = allAlarms.filter(({ region }) => farPlaces.find((each) => each.region === region) === far);
  return Array.from({ length: Math.ceil(own.length / 100) }, (_, at) => ({
    title: far ? `Alarms in ${far.region}` : "Alarms",
    alarms: own.slice(100 * at, 100 * (at + 1)).map(({ arn }) => arn),
  }));
}

/** Compares cells: which one is full, busy or behind. */
function cells(outboxAge: string) {
  const ofDatabases = (metric: string, stat: string) =>
    databases.flatMap(({ cell, cluster }) =>
      cluster
        ? [["AWS/RDS", metric, "DBClusterIdentifier", cluster.clusterIdentifier, { stat, label: `${cell} ${metric}` }]]
        : [],
    );
  return [
    { title: "Databases: per cent of what they may grow to", metrics: ofDatabases("ACUUtilization", "Average") },
    { title: "Databases: connections", metrics: ofDatabases("DatabaseConnections", "Maximum") },
    {
      title: "School tables: refused",
      metrics: dataTables.flatMap(({ cell, table }) =>
        ["ReadThrottleEvents", "WriteThrottleEvents"].map((metric) => [
          "AWS/DynamoDB",
          metric,
          "TableName",
          table.name,
          { stat: "Sum", label: `${cell} ${metric}` },
        ]),
      ),
    },
    { title: "Oldest event of each cell", metrics: [[{ expression: outboxAge, label: "cells", id: "outboxes" }]] },
  ];
}

function questions(serving: readonly Serving[], { suffix, options }: Place = home): void {
  // A query reads at most fifty groups.
  const groups = serving.slice(0, 50).map(({ functionName }) => $interpolate`/aws/lambda/${functionName}`);
  const ask = (title: string, queryString: string) =>
    new aws.cloudwatch.QueryDefinition(
      `Question${title.replaceAll(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}${suffix}`,
      {
        name: `${$app.name}/${$app.stage}/${title}`,
        logGroupNames: groups,
        queryString,
      },
      options,
    );
  ask(
    "Errors by kind",
    `filter level = "error" or level = "fatal"
| stats count(*) as errors, count_distinct(schoolId) as schools, latest(@timestamp) as last by msg, err.type
| sort errors desc`,
  );
  ask(
    "One request",
    `filter requestId = "put the id here"
| sort @timestamp asc | display @timestamp, level, msg, method, route, status, ms, schoolId, err.stack`,
  );
  ask(
    "Slow requests",
    `filter msg = "request" and ms > 1000
| stats count(*) as requests, pct(ms, 95) as p95, max(ms) as slowest by route | sort p95 desc`,
  );
  ask(
    "One school",
    `filter schoolId = "put the id here" and ispresent(msg)
| stats count(*) as lines by msg, level | sort lines desc`,
  );
  ask(
    "Cold starts",
    `filter type = "platform.report" and ispresent(record.metrics.initDurationMs)
| stats count(*) as starts, pct(record.metrics.initDurationMs, 95) as p95 by @log | sort starts desc`,
  );
  ask(
    "Close to the memory limit",
    `filter type = "platform.report"
| stats max(record.metrics.maxMemoryUsedMB / record.metrics.memorySizeMB) as used by @log | sort used desc`,
  );
  ask(
    "Refused callers",
    `filter msg = "request" and (status = 401 or status = 403 or status = 429)
| stats count(*) as refused by status, route, schoolId | sort refused desc`,
  );
}
