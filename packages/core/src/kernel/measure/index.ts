import { performance } from "node:perf_hooks";
import { log, slowRequest } from "../log/index.ts";
import { Metric } from "../metric/index.ts";
import { Trace } from "../trace/index.ts";

/** Slower requests are reported to the operators and to their school. */
export const slowMs = 1_000;

const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** "GET /courses/:courseSlug". Whatever a client calls its method, there are only a few in a metric. */
export const endpointOf = (method: string, pattern: string): string =>
  `${methods.has(method) ? method : "OTHER"} ${pattern}`;

export interface Answered {
  readonly status: number;
  readonly ms: number;
  readonly bytesIn?: number | undefined;
  /** Before compression. */
  readonly bytesOut?: number | undefined;
}

/** Counts an answered request, inside of its trace. */
export function answered(trace: Trace.Trace, { status, ms, bytesIn, bytesOut }: Answered): void {
  const isError = status >= 500 && !trace.isExpected;
  const { endpoint } = trace;
  // An unavailable dependency causes a 503 without a log line, but it counts as an error.
  if (isError && trace.errors === 0) Metric.error({ type: `Http${status}`, severity: "error", endpoint });
  Metric.request({ endpoint, ms, isError, bytesIn, bytesOut });
  if (ms > slowMs) log.warn({ status, ms: Math.round(ms) }, slowRequest);
}

/** Answers a request under a trace and counts it. Counts an exception of `work` as a failure and rethrows it. */
export function request(
  begin: { readonly endpoint: string; readonly requestId?: string | undefined; readonly bytesIn?: number | undefined },
  work: () => Promise<Response>,
): Promise<Response> {
  const from = performance.now();
  return Trace.run(begin, async (trace) => {
    let status = 500;
    let bytesOut: number | undefined;
    try {
      const response = await work();
      status = response.status;
      bytesOut = bytesOf(response.headers.get("content-length"));
      return response;
    } finally {
      answered(trace, { status, ms: performance.now() - from, bytesIn: begin.bytesIn, bytesOut });
    }
  });
}

/** The length of a body as a header tells it. */
export const bytesOf = (contentLength: string | null | undefined): number | undefined =>
  contentLength && /^\d{1,12}$/.test(contentLength) ? Number(contentLength) : undefined;

/**
 * Runs a consumer's message or a schedule ("cron relay") under a trace and counts it. It has failed when it logs an
 * error or throws; the exception is logged and rethrown.
 */
export function job<T>(name: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now();
  return Trace.run({ endpoint: name }, async (trace) => {
    try {
      return await work();
    } catch (err) {
      log.error({ err }, "job failed");
      throw err;
    } finally {
      Metric.job({ job: name, ms: performance.now() - from, isError: trace.errors > 0 });
    }
  });
}

export * as Measure from "./index.ts";
