// The parts of CloudWatch's alarm evaluation that our alarms use: missing data, M of N, metric math and composite rules, after
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html. Its tests contain that
// page's tables (compared in November 2026).

export type State = "OK" | "ALARM" | "INSUFFICIENT_DATA";
/** One value per period, oldest first; null without data. */
export type Series = readonly (number | null)[];
type Values = readonly (number | null)[];

interface MetricStat {
  readonly namespace?: string;
  readonly metricName?: string;
  readonly stat?: string;
  readonly period?: number;
  readonly dimensions?: Readonly<Record<string, string>>;
}
interface Query {
  readonly id: string;
  readonly expression?: string;
  readonly metric?: MetricStat;
  readonly returnData?: boolean;
}

/** The inputs of an `aws.cloudwatch.MetricAlarm`. */
export interface Alarm extends MetricStat {
  readonly comparisonOperator: string;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm?: number;
  readonly treatMissingData?: string;
  readonly statistic?: string;
  readonly extendedStatistic?: string;
  readonly metricQueries?: readonly Query[];
}

export type Reported = (metric: Required<Omit<MetricStat, "period">>) => Series;

const comparisons: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

export function stateOf(alarm: Alarm, reported: Reported, before: State = "OK"): State {
  const breaches = comparisons[alarm.comparisonOperator];
  if (!breaches) throw new Error(`a comparison nobody has taught this evaluator: ${alarm.comparisonOperator}`);
  const values = valuesOf(alarm, reported);
  // CloudWatch looks two periods further back, so that a late data point changes nothing.
  const range = values.slice(-(alarm.evaluationPeriods + 2));
  const present = range.filter((value) => value !== null);
  const needed = alarm.datapointsToAlarm ?? alarm.evaluationPeriods;
  const bad = (of: readonly number[]) => of.filter((value) => breaches(value, alarm.threshold)).length;
  if (present.length >= alarm.evaluationPeriods) {
    return bad(present.slice(-alarm.evaluationPeriods)) >= needed ? "ALARM" : "OK";
  }
  const filled = alarm.evaluationPeriods - present.length;
  switch (alarm.treatMissingData ?? usualOf(alarm)) {
    case "breaching":
      return bad(present) + filled >= needed ? "ALARM" : "OK";
    case "notBreaching":
      return bad(present) >= needed ? "ALARM" : "OK";
    case "ignore":
      if (bad(present) >= needed) return "ALARM";
      return bad(present) === present.length ? before : "OK";
    default:
      if (bad(present) >= needed) return "ALARM";
      if (bad(present) < present.length) return "OK";
      // With only bad values, CloudWatch alarms once the oldest is as old as the required number, so that one bad value
      // after a silence does not alarm at once.
      return ageOfOldest(range) >= needed ? "ALARM" : "INSUFFICIENT_DATA";
  }
}

const ageOfOldest = (range: Series): number => {
  const at = range.findIndex((value) => value !== null);
  return at < 0 ? 0 : range.length - at;
};

/** The default when an alarm does not set it. DynamoDB's tables report only while they are used. */
const usualOf = ({ namespace }: Alarm): string => (namespace === "AWS/DynamoDB" ? "ignore" : "missing");

function valuesOf(alarm: Alarm, reported: Reported): Series {
  const ask = (metric: MetricStat, stat: string): Series => {
    const { namespace = "", metricName = "", dimensions = {} } = metric;
    return reported({ namespace, metricName, dimensions, stat });
  };
  if (!alarm.metricQueries) return ask(alarm, alarm.statistic ?? alarm.extendedStatistic ?? "");
  const asked = alarm.metricQueries.flatMap(({ id, metric }) =>
    metric ? [[id, ask(metric, metric.stat ?? "")] as const] : [],
  );
  // Align at the end: series may have different beginnings.
  const length = Math.max(0, ...asked.map(([, values]) => values.length));
  const known = new Map<string, Values>(
    asked.map(([id, values]) => [id, [...Array.from({ length: length - values.length }, () => null), ...values]]),
  );
  // An expression may precede what it refers to.
  const waiting = alarm.metricQueries.filter(({ expression }) => expression !== undefined);
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ expression }) => namesIn(expression ?? "").every((name) => known.has(name)));
    const [query] = next < 0 ? [] : waiting.splice(next, 1);
    if (!query) throw new Error(`an expression names a metric that is not there: ${JSON.stringify(waiting)}`);
    known.set(query.id, math(query.expression ?? "", known, length));
  }
  const returned = alarm.metricQueries.filter(({ returnData }) => returnData);
  const [only] = returned;
  if (!only || returned.length > 1) throw new Error("exactly one query of an alarm returns data");
  return known.get(only.id) ?? [];
}

const tokens = (text: string): string[] => text.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|[<>=!]=|[-+*/()<>,]/g) ?? [];
const namesIn = (text: string): string[] => tokens(text).filter((token) => /^[a-z]/.test(token));

/**
 * Metric math: + - *
 * and comparisons, FILL(m, n), IF(when, then, else), SUM of several, with CloudWatch's missing values.
 */
function math(text: string, known: ReadonlyMap<string, Values>, length: number): Values {
  const all = tokens(text);
  if (all.join("") !== text.replaceAll(/\s/g, ""))
    throw new Error(`metric math nobody has taught this evaluator: ${text}`);
  let at = 0;
  const take = (expected: string) => {
    if (all[at] !== expected) throw new Error(`${text}: ${expected} expected, ${all[at]} found`);
    at += 1;
  };
  const each = (left: Values, right: Values, work: (a: number, b: number) => number | null): Values =>
    left.map((a, index) => {
      const b = right[index] ?? null;
      return a === null || b === null ? null : work(a, b);
    });
  const operators: Record<string, (a: number, b: number) => number | null> = {
    "*": (a, b) => a * b,
    "/": (a, b) => (b === 0 ? null : a / b),
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    ">": (a, b) => Number(a > b),
    "<": (a, b) => Number(a < b),
    ">=": (a, b) => Number(a >= b),
    "<=": (a, b) => Number(a <= b),
  };
  const binary = (signs: readonly string[], lower: () => Values) => (): Values => {
    let left = lower();
    for (let sign = all[at]; sign !== undefined && signs.includes(sign); sign = all[at]) {
      at += 1;
      const work = operators[sign];
      if (work) left = each(left, lower(), work);
    }
    return left;
  };
  const atom = (): Values => {
    const token = all[at] ?? "";
    at += 1;
    if (token === "(") {
      const inner = whole();
      take(")");
      return inner;
    }
    if (/^\d/.test(token)) return Array.from({ length }, () => Number(token));
    if (/^[A-Z]/.test(token)) return call(token);
    const values = known.get(token);
    if (!values) throw new Error(`${text}: ${token} is not there`);
    return values;
  };
  const call = (name: string): Values => {
    take("(");
    const parts = [whole()];
    while (all[at] === ",") {
      at += 1;
      parts.push(whole());
    }
    take(")");
    const [first = [], second = [], third = []] = parts;
    switch (name) {
      case "FILL":
        return first.map((value, index) => value ?? second[index] ?? null);
      case "IF":
        return first.map((value, index) => (value ? (second[index] ?? null) : (third[index] ?? null)));
      default:
        throw new Error(`a function nobody has taught this evaluator: ${name}`);
    }
  };
  const product = binary(["*", "/"], atom);
  const sum = binary(["+", "-"], product);
  const whole = binary(["<", ">", "<=", ">="], sum);
  const values = whole();
  if (at !== all.length) throw new Error(`${text}: ${all[at]} was not expected`);
  return values;
}

export function compositeState(rule: string, states: ReadonlyMap<string, State>): State {
  const all = rule.match(/ALARM\("?[^")]+"?\)|AND|OR|NOT|[()]/g) ?? [];
  let at = 0;
  const atom = (): boolean => {
    const token = all[at] ?? "";
    at += 1;
    if (token === "NOT") return !atom();
    if (token === "(") {
      const inner = either();
      at += 1;
      return inner;
    }
    const name = token.replace(/^ALARM\("?/, "").replace(/"?\)$/, "");
    const state = states.get(name);
    if (!state) throw new Error(`a composite alarm names ${name}, which is not there`);
    return state === "ALARM";
  };
  const chain = (word: string, lower: () => boolean, join: (a: boolean, b: boolean) => boolean) => (): boolean => {
    let left = lower();
    while (all[at] === word) {
      at += 1;
      const right = lower();
      left = join(left, right);
    }
    return left;
  };
  const both = chain("AND", atom, (a, b) => a && b);
  const either = chain("OR", both, (a, b) => a || b);
  const result = either();
  if (at !== all.length) throw new Error(`${rule}: ${all[at]} was not expected`);
  return result ? "ALARM" : "OK";
}
