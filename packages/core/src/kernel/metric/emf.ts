import { familyOf } from "./definitions.ts";
import type { Series } from "./series.ts";

// CloudWatch Embedded Metric Format: CloudWatch reads metrics from log lines, so measuring costs no call. Samples are
// arrays of values, from which CloudWatch computes percentiles.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

/** A line holds so many samples of a metric at most. */
export const maxSamples = 100;

/** Returns the line of a series' samples since the last one, and empties the series; undefined without samples. */
export function takeLine(
  series: Series,
  about: { readonly stage: string; readonly release: string },
): string | undefined {
  if (series.pending === 0) return undefined;
  const { dimensions, isSplit, metrics } = familyOf(series.family);
  const values: Record<string, unknown> = {};
  for (const [i, name] of dimensions.entries()) values[name] = series.values[i];
  const told: { Name: string; Unit: string }[] = [];
  for (const [name, fresh] of series.fresh) {
    const definition = metrics[name];
    if (!definition) continue;
    if (definition.kind === "count") {
      if (fresh.count === 0) continue;
      values[name] = fresh.count;
      fresh.count = 0;
    } else {
      if (fresh.samples.length === 0) continue;
      values[name] = fresh.samples.splice(0);
    }
    told.push({ Name: name, Unit: definition.unit });
  }
  series.pending = 0;
  const sets = dimensions.length === 0 ? [["stage"]] : [["stage"], ["stage", ...dimensions]];
  if (isSplit) for (const name of dimensions) sets.push(["stage", name]);
  return JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{ Namespace: "Lectern", Dimensions: sets, Metrics: told }],
    },
    ...about,
    ...values,
  });
}
