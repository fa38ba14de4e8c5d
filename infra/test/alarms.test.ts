import { type FamilyName, familyOf } from "@lectern/core/kernel/metric";
import { expect, test } from "vitest";
import { type KindName, kinds } from "../alarms/kinds.ts";
import { observabilityRules, runbookSections } from "../rules/observability.ts";
import { at, ofType } from "../rules/rule.ts";
import type { GraphResource } from "../synth/graph.ts";
import { type Alarm, compositeState, type Reported, type Series, type State, stateOf } from "./cloudwatch.ts";
import { expectRule, graphOf, stages } from "./graphs.ts";

const production = graphOf("production");
const metricAlarms = ofType(production, "aws:cloudwatch/metricAlarm:MetricAlarm");
const composites = ofType(production, "aws:cloudwatch/compositeAlarm:CompositeAlarm");
const kindOf = (alarm: GraphResource) => String(at(alarm, "tags", "kind")) as KindName;

const quiet: Series = Array.from({ length: 12 }, () => null);
const flat = (value: number): Series => quiet.map(() => value);
const last = (...values: (number | null)[]): Series => [...quiet, ...values];
const always =
  (series: Series): Reported =>
  () =>
    series;
/** Burn rates: failures among answers at the objective's first endpoint. */
const answers =
  (failed: number, answered: number): Reported =>
  ({ stat, dimensions }) =>
    /sign-in|learn/.test(dimensions.endpoint ?? "") || /^POST \/api/.test(dimensions.endpoint ?? "")
      ? last(stat === "Sum" ? failed * 100 : answered)
      : quiet;
/** Seconds past the limit of a queue; a nightly round puts one message per school into school-work at once. */
const aged =
  (seconds: number): Reported =>
  ({ dimensions }) =>
    flat((/school-?work/i.test(dimensions.QueueName ?? "") ? 900 : 300) + seconds);
const by =
  (series: Readonly<Record<string, Series>>): Reported =>
  ({ metricName }) =>
    series[metricName] ?? quiet;

/** For each kind of metric alarm: a series that fires it, and series that must not. */
const cases: Partial<Record<KindName, { fires: Reported[]; silent: Reported[] }>> = {
  // Each kind of call has its own threshold.
  audit: { fires: [always(flat(1_000))], silent: [always(quiet), always(flat(0))] },
  "errors-burst": { fires: [always(last(6))], silent: [always(last(5)), always(quiet), always(last(5, 5, 5))] },
  "critical-error": { fires: [always(last(1))], silent: [always(quiet), always(flat(0))] },
  "slow-answers": {
    fires: [always(flat(3_001)), always(last(100, 4_000, 4_000, 100, 4_000))],
    silent: [always(flat(3_000)), always(last(100, 9_000, 100, 100, 9_000)), always(quiet)],
  },
  "no-traffic": { fires: [always(flat(9)), always(quiet)], silent: [always(flat(10)), always(flat(5_000))] },
  "relay-stopped": { fires: [always(quiet), always(flat(0))], silent: [always(flat(1)), always(flat(5))] },
  "outbox-age": {
    fires: [always(flat(300_001))],
    silent: [always(flat(300_000)), always(last(0, 400_000, 400_000)), always(quiet)],
  },
  "domains-stuck": {
    fires: [always(flat(1)), always(last(2, 1, 1))],
    silent: [always(flat(0)), always(last(0, 3, 3)), always(quiet)],
  },
  "dump-missing": {
    fires: [always(flat(26 * 3_600_000 + 1)), always(quiet)],
    silent: [always(flat(26 * 3_600_000)), always(last(0, 30 * 3_600_000)), always(flat(0))],
  },
  "function-errors": { fires: [always(last(1))], silent: [always(quiet), always(flat(0))] },
  "function-throttles": {
    fires: [always(last(0, 3, 0, 3, 0)), always(flat(1))],
    silent: [always(last(0, 0, 7, 0, 0)), always(quiet)],
  },
  "dead-letters": { fires: [always(flat(1)), always(last(0, 0, 1))], silent: [always(flat(0)), always(quiet)] },
  "queue-age": { fires: [aged(1)], silent: [aged(0), always(last(0, 1_800, 1_800)), always(quiet)] },
  "pinned-sessions": { fires: [always(last(0, 1, 2, 0, 1))], silent: [always(last(0, 1, 2, 0, 0)), always(quiet)] },
  "database-capacity": { fires: [always(flat(91))], silent: [always(flat(90)), always(quiet)] },
  "database-cpu": { fires: [always(flat(95))], silent: [always(flat(60)), always(quiet)] },
  "database-connections": { fires: [always(flat(100_000))], silent: [always(flat(50)), always(quiet)] },
  "database-replica-lag": {
    fires: [always(flat(1_001))],
    silent: [always(flat(900)), always(last(20, 9_000, 20, 20, 20))],
  },
  "table-throttles": {
    fires: [by({ ReadThrottleEvents: flat(1) }), by({ WriteThrottleEvents: last(2, 0, 2) })],
    silent: [always(quiet), by({ WriteThrottleEvents: last(9, null, null) })],
  },
  "workspace-unhealthy": {
    fires: [always(quiet), always(flat(0))],
    // Between deployments only one of the two groups has tasks.
    silent: [always(flat(1)), ({ dimensions }) => (/Blue/.test(dimensions.TargetGroup ?? "") ? flat(1) : quiet)],
  },
  "site-health": { fires: [always(flat(0))], silent: [always(flat(1))] },
  "edge-errors": {
    fires: [always(flat(1.5))],
    silent: [always(flat(1)), always(last(0, 50, 50, 0, 0)), always(quiet)],
  },
  "canary-failing": {
    fires: [always(last(0, 0, 100)), always(quiet)],
    silent: [always(flat(100)), always(last(100, 0, 100))],
  },
  "slo-fast-long": { fires: [answers(30, 20_000)], silent: [answers(28, 20_000), answers(1, 10), always(quiet)] },
  "slo-fast-short": { fires: [answers(3, 2_000)], silent: [answers(1, 10), answers(3, 2_100), always(quiet)] },
  "slo-slow-long": { fires: [answers(70, 100_000)], silent: [answers(59, 100_000), always(quiet)] },
  "slo-slow-short": { fires: [answers(7, 10_000)], silent: [answers(5, 10_000), answers(1, 10), always(quiet)] },
};

test.each(metricAlarms.map((alarm) => [alarm.name, alarm] as const))("%s fires, and keeps silent", (_, alarm) => {
  const found = cases[kindOf(alarm)];
  if (!found) throw new Error(`nobody has shown when ${kindOf(alarm)} fires`);
  const inputs = alarm.inputs as unknown as Alarm;
  for (const reported of found.fires) expect(stateOf(inputs, reported)).toBe("ALARM");
  for (const reported of found.silent) expect(stateOf(inputs, reported)).toBe("OK");
});

test.each(composites.map((alarm) => [alarm.name, alarm] as const))(
  "%s fires with its parts, and not without",
  (_, alarm) => {
    const names = [...metricAlarms, ...composites].map((each) => String(at(each, "name") ?? at(each, "alarmName")));
    const rule = String(at(alarm, "alarmRule"));
    const state = (raised: (name: string) => boolean) =>
      compositeState(rule, new Map(names.map((name): [string, State] => [name, raised(name) ? "ALARM" : "OK"])));
    expect(state(() => false)).toBe("OK");
    expect(state(() => true)).toBe("ALARM");
    // One part alone stops a release, but does not endanger the month's objective.
    const parts = names.filter((name) => rule.includes(`"${name}"`));
    expect(parts.length).toBeGreaterThan(1);
    const alone = parts.map((part) => state((name) => name === part));
    expect(new Set(alone)).toEqual(new Set([kindOf(alarm) === "release-health" ? "ALARM" : "OK"]));
  },
);

test("a burn that has ended raises no alarm: the long window alone is silent", () => {
  for (const alarm of composites.filter((each) => kindOf(each) === "slo-burn")) {
    const rule = String(at(alarm, "alarmRule"));
    const names = [...rule.matchAll(/ALARM\("([^"]+)"\)/g)].map(([, name]) => name ?? "");
    const state = (...raised: string[]) =>
      compositeState(
        rule,
        new Map(
          names.map((name): [string, State] => [name, raised.some((each) => name.includes(each)) ? "ALARM" : "OK"]),
        ),
      );
    expect(state("slo-fast-long", "slo-fast-short")).toBe("ALARM");
    expect(state("slo-slow-long", "slo-slow-short")).toBe("ALARM");
    expect(state("slo-fast-long", "slo-slow-long")).toBe("OK");
    expect(state("slo-fast-short", "slo-slow-short")).toBe("OK");
  }
});

test("the code writes every Lectern metric that an alarm reads, with the same dimensions", () => {
  const families: FamilyName[] = ["request", "job", "error", "outbox", "canary", "dump", "domains"];
  const written = new Map(
    families.flatMap((name) => {
      const { dimensions, metrics, isSplit } = familyOf(name);
      const sets = [[], [...dimensions], ...(isSplit ? dimensions.map((each) => [each]) : [])].map((set) =>
        ["stage", ...set].sort().join(),
      );
      return Object.keys(metrics).map((metric) => [metric, new Set(sets)] as const);
    }),
  );
  const asked = metricAlarms.flatMap((alarm): Readonly<Record<string, unknown>>[] => {
    const queries = (at(alarm, "metricQueries") as { metric?: Record<string, unknown> }[] | undefined) ?? [];
    return [alarm.inputs, ...queries.flatMap(({ metric }) => (metric ? [metric] : []))].filter(
      (each) => each.namespace === "Lectern",
    );
  });
  expect(asked.length).toBeGreaterThan(20);
  for (const { metricName, dimensions } of asked)
    expect(written.get(String(metricName)), String(metricName)).toContain(
      Object.keys(dimensions as object)
        .sort()
        .join(),
    );
});

test("every kind has a section in the runbook, and every section a kind", () => {
  expect([...runbookSections()].sort()).toEqual(Object.keys(kinds).sort());
});

const plants: Record<string, Parameters<typeof expectRule>[2]> = {
  "errors-are-grouped": ({ remove }) =>
    remove("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", /^ApiTold$/),
  "alarm-per-function": ({ remove }) => remove("aws:cloudwatch/metricAlarm:MetricAlarm", /FunctionErrorsApi$/),
  "alarm-per-queue": ({ remove }) => remove("aws:cloudwatch/metricAlarm:MetricAlarm", /DeadLettersFinderEntry$/),
  "alarm-per-table": ({ add }) => add("aws:dynamodb/table:Table", "Forgotten", { name: "forgotten" }),
  "alarm-for-database": ({ remove }) => remove("aws:cloudwatch/metricAlarm:MetricAlarm", /DatabaseCapacity/),
  "alarm-is-heard": ({ find }) => {
    find("aws:cloudwatch/metricAlarm:MetricAlarm", /CriticalError/).inputs.alarmActions = [];
  },
  "log-retention": ({ find }) => {
    find("aws:cloudwatch/logGroup:LogGroup", /Api/).inputs.retentionInDays = 0;
  },
};

test.each(observabilityRules.map(({ name }) => name))("%s sees a planted mistake", (rule) => {
  const plant = plants[rule];
  if (!plant) throw new Error(`nobody has planted a mistake for ${rule}`);
  expectRule(rule, production, plant);
});

test.each(stages.filter((stage) => stage !== "ada-dev"))("%s tells somebody of everything it has", (stage) => {
  const graph = graphOf(stage);
  for (const rule of observabilityRules) expect([...rule.check(graph)]).toEqual([]);
});
