import * as z from "zod";
import { publish } from "./alert.ts";
import { countOf, type Histogram, percentileOf, sumOf } from "./histogram.ts";
import { dayOf } from "./lines.ts";
import { ReportItem, RouteTimeItem } from "./ops.entity.ts";

const dayMs = 24 * 60 * 60 * 1000;

export const RouteReport = z.object({
  endpoint: z.string(),
  requests: z.number(),
  /** Milliseconds. */
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  /** Of the seven days before; null where there was nothing to compare with. */
  weekP95: z.number().nullable(),
  weekRequests: z.number(),
  isRegression: z.boolean(),
});
export type RouteReport = z.infer<typeof RouteReport>;

export interface Report {
  /** The day reported on, UTC. */
  readonly day: string;
  /** When it was made. */
  readonly at: string;
  /** Regressions first, then the slowest. */
  readonly routes: readonly RouteReport[];
}

// A route regressed when its p95 is a quarter above the week's, people can notice it, and both sides have enough
// requests.
const minRatio = 1.25;
const minMs = 50;
const minRequests = 50;

/** Judges one route's day against the week before it. Pure. */
export function judge(endpoint: string, day: Histogram, week: Histogram): RouteReport {
  const [p50 = 0, p95 = 0, p99 = 0] = [0.5, 0.95, 0.99].map((share) => percentileOf(day, share));
  const requests = countOf(day);
  const weekRequests = countOf(week);
  const weekP95 = percentileOf(week, 0.95) ?? null;
  const isRegression =
    weekP95 !== null &&
    requests >= minRequests &&
    weekRequests >= minRequests &&
    p95 >= weekP95 * minRatio &&
    p95 - weekP95 >= minMs;
  return { endpoint, requests, p50, p95, p99, weekP95, weekRequests, isRegression };
}

/**
 * Compares yesterday's response times with those of the week before, stores the report and reports regressions. A
 * second run for the same day replaces the first.
 */
export async function analyse(now: number = Date.now()): Promise<Report> {
  const report = await reportOf(dayOf(now - dayMs), now);
  const { day, at, routes } = report;
  await ReportItem()
    .put({ day, at, routes: JSON.stringify(routes), expiresAt: Math.floor(now / 1000) + 90 * 24 * 60 * 60 })
    .go();
  const slower = routes.filter(({ isRegression }) => isRegression);
  if (slower.length > 0) {
    await publish("performance.regressed", `performance.regressed/${day}`, {
      day,
      routes: slower.slice(0, 20).map(({ endpoint, p95, weekP95 }) => ({ endpoint, p95, weekP95 })),
    });
  }
  return report;
}

/** Today's figures so far, against the seven days before. Kept nowhere. */
export const today = (now: number = Date.now()): Promise<Report> => reportOf(dayOf(now), now);

async function reportOf(day: string, now: number): Promise<Report> {
  const days = Array.from({ length: 8 }, (_, before) => dayOf(Date.parse(day) - before * dayMs));
  const [current, ...week] = await Promise.all(days.map(timesOf));
  const routes = [...(current ?? [])]
    .map(([endpoint, times]) => judge(endpoint, times, sumOf(week.flatMap((each) => each.get(endpoint) ?? []))))
    .sort((a, b) => Number(b.isRegression) - Number(a.isRegression) || b.p95 - a.p95);
  return { day, at: new Date(now).toISOString(), routes };
}

async function timesOf(day: string): Promise<Map<string, Histogram>> {
  const { data } = await RouteTimeItem().query.byDay({ day }).go({ pages: "all" });
  const times = new Map<string, Map<number, number>>();
  for (const { endpoint, bucket, count } of data) {
    const histogram = times.get(endpoint) ?? new Map<number, number>();
    histogram.set(bucket, count);
    times.set(endpoint, histogram);
  }
  return times;
}

/** The last report; undefined before the first night. */
export async function lastReport(): Promise<Report | undefined> {
  const { data } = await ReportItem().query.byDay({}).go({ order: "desc", limit: 1 });
  const [item] = data;
  return item && { day: item.day, at: item.at, routes: z.array(RouteReport).parse(JSON.parse(item.routes)) };
}
