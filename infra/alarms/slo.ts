// 99.99 % a month for three objectives. Each burn rate uses two windows: the long one shows significance, the short one
// that the failures continue.

/** Percent of answers that may fail. */
export const budgetPercent = 0.01;

interface Objective {
  readonly name: string;
  /** `endpoint` values of the metrics. */
  readonly endpoints: readonly string[];
}

export const objectives: readonly Objective[] = [
  { name: "sign-in", endpoints: ["POST auth/sign-in", "POST auth/token", "GET /auth/callback"] },
  {
    name: "lesson",
    endpoints: ["GET /learn/:courseSlug/:lessonSlug", "GET /api/v1/courses/{courseId}/lessons/{lessonId}"],
  },
  {
    name: "save",
    endpoints: ["POST /learn/:courseSlug/:lessonSlug", "POST /api/v1/courses/{courseId}/progress"],
  },
];

export const ofPages = ({ name, endpoints }: Objective): Objective => ({
  name,
  endpoints: endpoints.filter((endpoint) => !/ \/api\/| auth\//.test(endpoint)),
});

interface Window {
  readonly kind: "slo-fast-long" | "slo-fast-short" | "slo-slow-long" | "slo-slow-short";
  readonly seconds: number;
  /** Multiple of the rate that uses up a month's budget in a month. */
  readonly burn: number;
}

export const windows: readonly Window[] = [
  { kind: "slo-fast-long", seconds: 3_600, burn: 14.4 },
  { kind: "slo-fast-short", seconds: 300, burn: 14.4 },
  { kind: "slo-slow-long", seconds: 21_600, burn: 6 },
  { kind: "slo-slow-short", seconds: 1_800, burn: 6 },
];

export const leastFailures = 3;

export interface SloQuery {
  readonly id: string;
  readonly expression?: string;
  readonly label?: string;
  readonly returnData?: boolean;
  readonly metric?: {
    readonly namespace: string;
    readonly metricName: string;
    readonly stat: string;
    readonly period: number;
    readonly dimensions: Readonly<Record<string, string>>;
  };
}

/** Metric queries for the percent of an objective's answers that failed in a window; 0 below `leastFailures`. */
export function burnQueries({ endpoints }: Objective, seconds: number, stage: string): SloQuery[] {
  const metric = (stat: string, endpoint: string) => ({
    namespace: "Lectern",
    metricName: "ErrorRate",
    stat,
    period: seconds,
    dimensions: { stage, endpoint },
  });
  const all = (letter: string) => endpoints.map((_, at) => `FILL(${letter}${at}, 0)`).join(" + ");
  return [
    // Each answer is a sample of 0 or 100, so the sum is 100 times the failures.
    ...endpoints.map((endpoint, at) => ({ id: `e${at}`, metric: metric("Sum", endpoint), returnData: false })),
    ...endpoints.map((endpoint, at) => ({ id: `n${at}`, metric: metric("SampleCount", endpoint), returnData: false })),
    { id: "failed", expression: all("e"), returnData: false },
    { id: "answered", expression: all("n"), returnData: false },
    {
      id: "percent",
      expression: `IF(failed >= ${leastFailures * 100}, failed / answered, 0)`,
      label: "percent of answers that failed",
      returnData: true,
    },
  ];
}
