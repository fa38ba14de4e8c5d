import { AsyncLocalStorage } from "node:async_hooks";

/** The work in progress: one request, one message of a queue, one run of a schedule. */
export interface Trace {
  /** A route's pattern ("GET /courses/:courseSlug") or a job ("cron relay"); never a path, which holds ids. */
  endpoint: string;
  readonly requestId?: string | undefined;
  /** AWS X-Ray's root id, where the host traces. */
  readonly traceId?: string | undefined;
  /** Known once the host has been read. */
  schoolId?: string | undefined;
  /** Error lines logged so far. */
  errors: number;
  /** The answer has an error's status and is what it should be: a suspended school says 503. */
  isExpected: boolean;
}

// The built site contains its own copy of this module in the same process, so both share one storage.
const shared = globalThis as { lecternTrace?: AsyncLocalStorage<Trace> };
shared.lecternTrace ??= new AsyncLocalStorage<Trace>();
const storage = shared.lecternTrace;

/** Runs the work of one request or one job under a trace of its own. */
export function run<T>(begin: { endpoint: string; requestId?: string | undefined }, work: (trace: Trace) => T): T {
  const traceId = rootOf(process.env._X_AMZN_TRACE_ID);
  const trace: Trace = { ...begin, errors: 0, isExpected: false, ...(traceId !== undefined && { traceId }) };
  return storage.run(trace, () => work(trace));
}

/** The trace of the work at hand; undefined outside of any. */
export const current = (): Trace | undefined => storage.getStore();

/** Marks the refusal about to be answered as expected, so its trace is not counted as a fault whatever its status. */
export function expected(): void {
  const trace = storage.getStore();
  if (trace) trace.isExpected = true;
}

/** Names the school of the current work, for lines written outside an actor. */
export function atSchool(schoolId: string): void {
  const trace = storage.getStore();
  if (trace) trace.schoolId = schoolId;
}

/** "Root=1-67a-4f;Parent=53;Sampled=1" -> "1-67a-4f". Lambda sets it anew for each invocation. */
export const rootOf = (header: string | undefined): string | undefined => header?.match(/(?:^|;)Root=([\w-]+)/)?.[1];

export * as Trace from "./index.ts";
