import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type KindName, kinds } from "../alarms/kinds.ts";
import type { Graph, GraphResource } from "../synth/graph.ts";
import { root } from "../synth/paths.ts";
import { clustersOf } from "./cells.ts";
import { at, isDev, isStanding, ofType, partsOf, type Rule, regionOf } from "./rule.ts";

const alarmsOf = (graph: Graph): GraphResource[] =>
  ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm");
const kindOf = (alarm: GraphResource): string => String(at(alarm, "tags", "kind"));
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Dimension values that alarms of a kind watch in a region; CloudWatch metrics are regional. */
function watched(graph: Graph, kind: KindName, dimension: string, region = graph.region): ReadonlySet<string> {
  const found = new Set<string>();
  for (const alarm of alarmsOf(graph)) {
    if (kindOf(alarm) !== kind || regionOf(graph, alarm) !== region) continue;
    const dimensions = [
      at(alarm, "dimensions"),
      ...list(at(alarm, "metricQueries")).map((query) =>
        typeof query === "object" && query !== null
          ? Reflect.get(Reflect.get(query, "metric") ?? {}, "dimensions")
          : undefined,
      ),
    ];
    for (const each of dimensions) {
      const value: unknown = typeof each === "object" && each !== null ? Reflect.get(each, dimension) : undefined;
      if (typeof value === "string") found.add(value);
    }
  }
  return found;
}

/** Functions without an alarm, with reasons. */
const unwatchedFunctions: readonly { readonly name: RegExp; readonly reason: string }[] = [
  {
    name: /^Router|AssetInvalidat|KvKeys|Bucket.*Notification/,
    reason: "run by the deployment, which fails with them",
  },
];
/** Log groups that keep more than three days, with reasons. */
const keptLonger: readonly { readonly name: RegExp; readonly reason: string }[] = [
  { name: /Trail/i, reason: "the audit trail is evidence" },
];
const isExcused = (of: readonly { readonly name: RegExp }[], name: string) => of.some((each) => each.name.test(name));

const nameOf = (resource: GraphResource): string => String(at(resource, "name") ?? resource.name);

function* unwatched(
  graph: Graph,
  type: string,
  needs: readonly (readonly [KindName, string])[],
  isWanted: (resource: GraphResource) => boolean = () => true,
) {
  if (isDev(graph)) return;
  for (const resource of ofType(graph, type).filter(isWanted)) {
    for (const [kind, dimension] of needs)
      if (!watched(graph, kind, dimension, regionOf(graph, resource)).has(nameOf(resource)))
        yield { resource: resource.name, message: `has no alarm of kind ${kind}` };
  }
}

/** The runbook's section titles. */
const runbook = path.join(root, "docs/runbook.md");
export const runbookSections = (): ReadonlySet<string> =>
  new Set(
    existsSync(runbook)
      ? [...readFileSync(runbook, "utf8").matchAll(/^### `([\w-]+)`/gm)].map(([, kind]) => kind ?? "")
      : [],
  );

export const observabilityRules: readonly Rule[] = [
  {
    name: "errors-are-grouped",
    why: "An error that only its own log group knows of is found by the school first.",
    *check(graph) {
      const filters = new Set(
        ofType(graph, "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter").map(({ name }) => name),
      );
      for (const { name } of isDev(graph) ? [] : graph.bundles) {
        // The log reader would process its own lines; the canary has a better alarm.
        if (/^(OpsLogs|Canary)/.test(name)) continue;
        // SST names page servers after their regions, the home region included.
        const own = `WebServer${graph.region.replaceAll("-", "")}`.toLowerCase();
        const told = name.toLowerCase() === own ? "Web" : name.replace(/^WebServer/, "Web");
        if (filters.has(`${told}Told`)) continue;
        yield { resource: name, message: "hands its errors to nobody: infra/ops.ts does not know its log group" };
      }
    },
  },
  {
    name: "alarm-per-function",
    why: "A function that fails or is throttled without anybody knowing is a broken promise to a school.",
    check: (graph) =>
      unwatched(
        graph,
        "aws:lambda/function:Function",
        [
          ["function-errors", "FunctionName"],
          ["function-throttles", "FunctionName"],
        ],
        ({ name }) => !isExcused(unwatchedFunctions, name),
      ),
  },
  {
    name: "alarm-per-queue",
    why: "A message that waits or was given up is an effect that somebody waits for.",
    *check(graph) {
      yield* unwatched(graph, "aws:sqs/queue:Queue", [["queue-age", "QueueName"]], (queue) => !isDeadLetter(queue));
      yield* unwatched(graph, "aws:sqs/queue:Queue", [["dead-letters", "QueueName"]], isDeadLetter);
    },
  },
  {
    name: "alarm-per-table",
    why: "A table that refuses reads or writes fails requests one by one, which nobody sees as a whole.",
    check: (graph) => unwatched(graph, "aws:dynamodb/table:Table", [["table-throttles", "TableName"]]),
  },
  {
    name: "alarm-for-database",
    why: "The database is what everything waits for when it is full or busy.",
    *check(graph) {
      if (isDev(graph)) return;
      const kinds = ["database-capacity", "database-cpu", "database-connections"] as const;
      for (const cluster of clustersOf(graph))
        for (const kind of isStanding(graph) ? ([...kinds, "database-replica-lag"] as const) : kinds)
          if (!watched(graph, kind, "DBClusterIdentifier").has(String(at(cluster, "clusterIdentifier"))))
            yield { resource: cluster.name, message: `has no alarm of kind ${kind}` };
      for (const proxy of ofType(graph, "aws:rds/proxy:Proxy"))
        if (!watched(graph, "pinned-sessions", "ProxyName").has(nameOf(proxy)))
          yield { resource: proxy.name, message: "has no alarm of kind pinned-sessions" };
    },
  },
  {
    name: "alarm-is-heard",
    why: "An alarm that tells nobody, or about which nobody knows what to do, is noise in a console.",
    *check(graph) {
      const sections = runbookSections();
      for (const alarm of alarmsOf(graph)) {
        const kind = kindOf(alarm);
        const known = Object.entries(kinds).find(([name]) => name === kind)?.[1];
        if (!known) yield { resource: alarm.name, message: `is of no known kind: ${kind}` };
        else if (!sections.has(kind))
          yield { resource: alarm.name, message: `docs/runbook.md has no section for ${kind}` };
        else if (known.hears !== "none" && list(at(alarm, "alarmActions")).length === 0)
          yield { resource: alarm.name, message: "tells nobody" };
        const region = regionOf(graph, alarm);
        for (const action of list(at(alarm, "alarmActions")))
          if (partsOf(action)?.region !== region)
            yield {
              resource: alarm.name,
              message: `is in ${region} and tells a topic elsewhere, which CloudWatch refuses`,
            };
        const parts = [...String(at(alarm, "alarmRule") ?? "").matchAll(/ALARM\("([^"]+)"\)/g)].map(([, name]) => name);
        for (const part of parts) {
          const found = alarmsOf(graph).find((each) => part === (at(each, "name") ?? at(each, "alarmName")));
          if (!found || regionOf(graph, found) !== region)
            yield { resource: alarm.name, message: `speaks for ${part}, which is not in ${region}` };
        }
      }
    },
  },
  {
    name: "log-retention",
    why: "Logs hold what people did; three days are enough to look into trouble, and what is needed longer is archived.",
    *check(graph) {
      for (const group of ofType(graph, "aws:cloudwatch/logGroup:LogGroup")) {
        const days = at(group, "retentionInDays");
        if (days !== 3 && !isExcused(keptLonger, group.name))
          yield { resource: group.name, message: `keeps its lines for ${days ?? "ever"}, not 3 days` };
      }
    },
  },
];

const isDeadLetter = (queue: GraphResource): boolean => /^Dead/.test(queue.name);
