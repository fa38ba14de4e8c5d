import { Metric } from "../../kernel/metric/index.ts";

// The counters of this process in the OpenMetrics text format, for Prometheus and whatever reads like it.
// https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md

export const contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** Names metrics as OpenMetrics requires: base units, counters in the plural. The reader computes rates. */
const named: Readonly<
  Record<string, { readonly name: string; readonly unit?: "seconds" | "bytes"; readonly scale?: number }>
> = {
  RequestCount: { name: "lectern_requests" },
  ResponseTime: { name: "lectern_response_time_seconds", unit: "seconds", scale: 1_000 },
  RequestSize: { name: "lectern_request_size_bytes", unit: "bytes" },
  ResponseSize: { name: "lectern_response_size_bytes", unit: "bytes" },
  ErrorRate: { name: "lectern_failed_requests" },
  ErrorCount: { name: "lectern_errors" },
  UserActivity: { name: "lectern_user_activity" },
  AssignmentSubmission: { name: "lectern_assignment_submissions" },
  GradingOperation: { name: "lectern_grading_operations" },
  JobCount: { name: "lectern_jobs" },
  JobErrorRate: { name: "lectern_failed_jobs" },
  OutboxAge: { name: "lectern_outbox_age_seconds", unit: "seconds", scale: 1_000 },
  DumpAge: { name: "lectern_dump_age_seconds", unit: "seconds", scale: 1_000 },
  DumpBytes: { name: "lectern_dump_size_bytes", unit: "bytes" },
  DumpTime: { name: "lectern_dump_time_seconds", unit: "seconds", scale: 1_000 },
  DomainsStuck: { name: "lectern_domains_stuck" },
  CanarySuccess: { name: "lectern_canary_passes" },
  CanaryTime: { name: "lectern_canary_time_seconds", unit: "seconds", scale: 1_000 },
  JobTime: { name: "lectern_job_time_seconds", unit: "seconds", scale: 1_000 },
};

interface Family {
  readonly head: string[];
  readonly lines: string[];
}

/** Everything this process has counted since it began. */
export function text(): string {
  const families = new Map<string, Family>();
  for (const series of Metric.all()) {
    const { dimensions, metrics } = Metric.familyOf(series.family);
    const labels = dimensions.map((name, i) => `${name}="${escaped(series.values[i] ?? "")}"`);
    for (const [metric, total] of series.totals) {
      const definition = metrics[metric];
      const known = named[metric];
      if (!definition || !known) continue;
      const { name, unit, scale = 1 } = known;
      let family = families.get(name);
      if (!family) {
        const isHistogram = unit !== undefined;
        family = {
          head: [
            `# TYPE ${name} ${isHistogram ? "histogram" : "counter"}`,
            ...(unit ? [`# UNIT ${name} ${unit}`] : []),
            `# HELP ${name} ${escaped(helpOf(metric, definition.help))}`,
          ],
          lines: [],
        };
        families.set(name, family);
      }
      if (unit) family.lines.push(...histogram(name, labels, total, Metric.bucketsOf[definition.unit], scale));
      // A rate's samples are 0 or 100 per request: their sum over 100 is the number of failures.
      else
        family.lines.push(
          `${name}_total${inBraces(labels)} ${definition.unit === "Percent" ? total.sum / 100 : total.sum}`,
        );
    }
  }
  const parts = [...families.values()].flatMap(({ head, lines }) => [...head, ...lines]);
  return `${[...parts, "# EOF"].join("\n")}\n`;
}

function histogram(
  name: string,
  labels: readonly string[],
  { sum, count, buckets }: Metric.Total,
  bounds: readonly number[],
  scale: number,
): string[] {
  let below = 0;
  const lines = bounds.map((bound, i) => {
    below += buckets[i] ?? 0;
    return `${name}_bucket${inBraces([...labels, `le="${float(bound / scale)}"`])} ${below}`;
  });
  return [
    ...lines,
    `${name}_bucket${inBraces([...labels, 'le="+Inf"'])} ${count}`,
    `${name}_count${inBraces(labels)} ${count}`,
    `${name}_sum${inBraces(labels)} ${Math.round((sum / scale) * 1e6) / 1e6}`,
  ];
}

/** What a rate becomes once it is counted. */
const counted: Readonly<Record<string, string>> = {
  ErrorRate: "Requests whose answer failed.",
  JobErrorRate: "Jobs that failed.",
  CanarySuccess: "Checks of the canary that passed.",
};
const helpOf = (metric: string, help: string): string => counted[metric] ?? help;

/** Bounds are floats by the specification: 1 is written 1.0. */
const float = (n: number): string => (Number.isInteger(n) ? `${n}.0` : String(n));
const inBraces = (labels: readonly string[]): string => (labels.length > 0 ? `{${labels.join(",")}}` : "");
const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');

export * as OpenMetrics from "./openmetrics.ts";
