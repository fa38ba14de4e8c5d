import { bucketsOf, type FamilyName, familyOf } from "./definitions.ts";
import { bounded } from "./dimension.ts";

/** One metric of one series since the process began: what /metrics shows. */
export interface Total {
  sum: number;
  count: number;
  /** Samples up to each bound of `bucketsOf`, not cumulative; the last holds what is above all of them. */
  readonly buckets: number[];
}

/** One combination of dimension values. */
export interface Series {
  readonly family: FamilyName;
  readonly values: readonly string[];
  /** Since the last line: a number for a count, the samples for samples. */
  readonly fresh: Map<string, { count: number; samples: number[] }>;
  readonly totals: Map<string, Total>;
  /** Records since the last line. */
  pending: number;
}

/** Shared by every copy of this module in the process: the built site carries one of its own. */
interface State {
  readonly series: Map<string, Series>;
  readonly writers: Set<(line: string) => void>;
  timer: NodeJS.Timeout | undefined;
}

const shared = globalThis as { lecternMetrics?: State };
shared.lecternMetrics ??= { series: new Map(), writers: new Set(), timer: undefined };
export const state: State = shared.lecternMetrics;

/** The series of these dimension values, made when it is new. */
export function seriesOf(family: FamilyName, values: readonly string[]): Series {
  const key = `${family}\n${values.join("\n")}`;
  const known = state.series.get(key);
  if (known) return known;
  const { dimensions } = familyOf(family);
  const clean = dimensions.map((dimension, i) => bounded(dimension, values[i] ?? ""));
  const cleanKey = `${family}\n${clean.join("\n")}`;
  let made = state.series.get(cleanKey);
  if (!made) {
    made = { family, values: clean, fresh: new Map(), totals: new Map(), pending: 0 };
    state.series.set(cleanKey, made);
  }
  return made;
}

/** Adds to a count, or one sample. */
export function add(series: Series, name: string, value: number): void {
  const definition = familyOf(series.family).metrics[name];
  if (!definition) throw new Error(`there is no metric ${name}`);
  let fresh = series.fresh.get(name);
  let total = series.totals.get(name);
  if (!fresh || !total) {
    fresh = { count: 0, samples: [] };
    total = { sum: 0, count: 0, buckets: bucketsOf[definition.unit].map(() => 0).concat(0) };
    series.fresh.set(name, fresh);
    series.totals.set(name, total);
  }
  total.sum += value;
  total.count += 1;
  if (definition.kind === "count") {
    fresh.count += value;
    return;
  }
  fresh.samples.push(value);
  const bounds = bucketsOf[definition.unit];
  let at = 0;
  while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
  total.buckets[at] = (total.buckets[at] ?? 0) + 1;
}
