import * as z from "zod";
import { slowRequest } from "../../kernel/log/index.ts";
import type { Failure } from "./fingerprint.ts";
import { bucketOf } from "./histogram.ts";

// Parses what a process has logged, one line at a time. A line may contain anyone's text, so an unknown shape is
// skipped and never throws.

/** An error, once per line that reports one. */
export interface FoundError extends Failure {
  readonly endpoint: string;
  readonly severity: "error" | "critical";
  readonly release: string;
  /** ISO instant. */
  readonly at: string;
  readonly schoolId: string | undefined;
  readonly requestId: string | undefined;
}

export interface FoundSlow {
  readonly schoolId: string;
  readonly endpoint: string;
  readonly ms: number;
  readonly at: string;
}

export interface FoundTimes {
  readonly endpoint: string;
  readonly day: string;
  /** Milliseconds by bucket. */
  readonly buckets: ReadonlyMap<number, number>;
}

export interface Found {
  readonly errors: FoundError[];
  readonly slow: FoundSlow[];
  readonly times: FoundTimes[];
}

const text = z.string().max(20_000);
const short = z.string().max(300);
const at = z.iso.datetime({ offset: true });

const ErrorLine = z.object({
  level: z.enum(["error", "fatal"]),
  time: at,
  release: short.default("unknown"),
  endpoint: short.default("none"),
  requestId: short.optional(),
  schoolId: z
    .string()
    .regex(/^sch_[0-9a-hjkmnp-tv-z]{26}$/)
    .optional()
    .catch(undefined),
  msg: text.default(""),
  err: z
    .object({
      name: short.optional(),
      type: short.optional(),
      message: text.default(""),
      stack: z.string().default(""),
    })
    .optional()
    .catch(undefined),
});

/** Lambda's own line for an uncaught error. */
const RuntimeLine = z.object({
  timestamp: at,
  level: z.enum(["ERROR", "FATAL"]),
  requestId: short.optional(),
  message: z.object({ errorType: short, errorMessage: text.default(""), stackTrace: z.array(z.string()).default([]) }),
});

const SlowLine = z.object({
  msg: z.literal(slowRequest),
  time: at,
  endpoint: short,
  schoolId: z.string(),
  ms: z.number().nonnegative(),
});

const MetricLine = z.object({
  _aws: z.object({ Timestamp: z.number() }),
  endpoint: short,
  ResponseTime: z.array(z.number()).max(100),
});

/** What the lines tell, of all that anybody asks about. */
export function read(lines: Iterable<string>): Found {
  const found: Found = { errors: [], slow: [], times: [] };
  for (const line of lines) {
    const value = parse(line);
    if (value !== undefined) readOne(value, found);
  }
  return found;
}

function readOne(value: unknown, found: Found): void {
  const metric = MetricLine.safeParse(value);
  if (metric.success) {
    const { endpoint, ResponseTime, _aws } = metric.data;
    const buckets = new Map<number, number>();
    for (const ms of ResponseTime) buckets.set(bucketOf(ms), (buckets.get(bucketOf(ms)) ?? 0) + 1);
    found.times.push({ endpoint, day: dayOf(_aws.Timestamp), buckets });
    return;
  }
  const failed = ErrorLine.safeParse(value);
  if (failed.success) {
    const { err, level, time, msg, ...rest } = failed.data;
    found.errors.push({
      ...rest,
      type: err?.name ?? err?.type ?? "none",
      message: err?.message || msg,
      stack: err?.stack ?? "",
      severity: level === "fatal" ? "critical" : "error",
      at: time,
      requestId: rest.requestId,
      schoolId: rest.schoolId,
    });
    return;
  }
  const slow = SlowLine.safeParse(value);
  if (slow.success) {
    const { schoolId, endpoint, ms, time } = slow.data;
    found.slow.push({ schoolId, endpoint, ms, at: time });
    return;
  }
  const died = RuntimeLine.safeParse(value);
  if (!died.success) return;
  const { message, timestamp, requestId } = died.data;
  found.errors.push({
    type: message.errorType,
    message: message.errorMessage,
    stack: message.stackTrace.join("\n"),
    endpoint: "none",
    severity: "critical",
    release: "unknown",
    at: timestamp,
    schoolId: undefined,
    requestId,
  });
}

/** "2025-03-31", UTC. */
export const dayOf = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 10);

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
