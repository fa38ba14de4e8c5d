import * as z from "zod";
import { useSchool } from "../../kernel/actor/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { dayOf } from "./lines.ts";
import { SchoolDayItem, SchoolErrorItem, SlowRouteItem } from "./ops.entity.ts";

const dayMs = 24 * 60 * 60 * 1000;
const days = 7;
const maxTrouble = 20;

/** One kind of failure as a school may see it: where and when, without the error's text, which only operators read. */
export const Trouble = z.object({
  /** To be told to support. */
  reference: z.string(),
  endpoint: z.string(),
  count: z.number(),
  lastSeen: z.string(),
  requestId: z.string().nullable(),
});

export const SlowRoute = z.object({
  endpoint: z.string(),
  /** Requests that took longer than a second. */
  count: z.number(),
  meanMs: z.number(),
  lastSeen: z.string(),
});

export const Health = z.object({
  /** The last seven days, UTC, the oldest first. */
  days: z.array(z.object({ day: z.string(), errors: z.number() })),
  trouble: z.array(Trouble),
  slow: z.array(SlowRoute),
});
export type Health = z.infer<typeof Health>;

/** How the actor's own school has been doing these seven days. */
export const health = fn.any("school.settings", z.object({}).default({}), async (): Promise<Health> => {
  const { schoolId } = useSchool();
  const wanted = Array.from({ length: days }, (_, i) => dayOf(Date.now() - (days - 1 - i) * dayMs));
  const from = wanted[0] ?? "";
  const [byDay, trouble, slow] = await Promise.all([
    SchoolDayItem().query.byDay({ schoolId }).gte({ day: from }).go({ pages: "all" }),
    SchoolErrorItem().query.bySchool({ schoolId }).go({ pages: "all" }),
    SlowRouteItem().query.byDay({ schoolId }).gte({ day: from }).go({ pages: "all" }),
  ]);
  const errorsOf = new Map(byDay.data.map(({ day, errors }) => [day, errors]));
  return {
    days: wanted.map((day) => ({ day, errors: errorsOf.get(day) ?? 0 })),
    trouble: trouble.data
      .filter(({ lastSeen }) => lastSeen >= from)
      .sort((a, b) => b.lastSeen.localeCompare(a.lastSeen))
      .slice(0, maxTrouble)
      .map((item) => ({
        reference: item.fingerprint,
        endpoint: item.endpoint,
        count: item.count,
        lastSeen: item.lastSeen,
        requestId: item.lastRequestId ?? null,
      })),
    slow: slowest(slow.data),
  };
});

interface SlowDay {
  readonly endpoint: string;
  readonly count: number;
  readonly totalMs: number;
  readonly lastSeen: string;
}

const slowest = (items: readonly SlowDay[]): Health["slow"] =>
  [...Map.groupBy(items, ({ endpoint }) => endpoint)]
    .map(([endpoint, each]) => {
      const count = each.reduce((sum, day) => sum + day.count, 0);
      return {
        endpoint,
        count,
        meanMs: Math.round(each.reduce((sum, day) => sum + day.totalMs, 0) / count),
        lastSeen:
          each
            .map(({ lastSeen }) => lastSeen)
            .sort()
            .at(-1) ?? "",
      };
    })
    .sort((a, b) => b.count - a.count)
    .slice(0, maxTrouble);
