import { Resource } from "sst";
import { maxSamples, takeLine } from "./emf.ts";
import { add, type Series, seriesOf, state } from "./series.ts";

/** Actions worth counting. A new one needs a word here and a call after it succeeds. */
export type Activity =
  | "signed_up"
  | "signed_in"
  | "enrolled"
  | "lesson_opened"
  | "lesson_done"
  | "course_completed"
  | "course_published";

export interface RequestOutcome {
  /** The route's pattern with its method: "GET /api/v1/courses/{courseId}". */
  readonly endpoint: string;
  readonly ms: number;
  readonly isError: boolean;
  /** Bytes of the body; undefined where its length is unknown without counting. */
  readonly bytesIn?: number | undefined;
  readonly bytesOut?: number | undefined;
}

export type Severity = "error" | "critical";

/** One request has been answered. */
export function request({ endpoint, ms, isError, bytesIn, bytesOut }: RequestOutcome): void {
  const series = seriesOf("request", [endpoint]);
  add(series, "RequestCount", 1);
  add(series, "ErrorRate", isError ? 100 : 0);
  add(series, "ResponseTime", rounded(ms));
  if (bytesIn !== undefined) add(series, "RequestSize", bytesIn);
  if (bytesOut !== undefined) add(series, "ResponseSize", bytesOut);
  recorded(series);
  if (isLambda) flush();
}

/** A consumer's message or a schedule's turn has been worked off. */
export function job({
  job: name,
  ms,
  isError,
}: {
  readonly job: string;
  readonly ms: number;
  readonly isError: boolean;
}): void {
  const series = seriesOf("job", [name]);
  add(series, "JobCount", 1);
  add(series, "JobErrorRate", isError ? 100 : 0);
  add(series, "JobTime", rounded(ms));
  recorded(series);
  if (isLambda) flush();
}

/** The relay has been through a cell's outboxes. Zero says that nothing waits. */
export function outbox({ cell, ageMs }: { readonly cell: string; readonly ageMs: number }): void {
  const series = seriesOf("outbox", [cell]);
  add(series, "OutboxAge", Math.max(0, Math.round(ageMs)));
  recorded(series);
}

/** The schedule has been through what is due of schools' own domains. */
export function domains({ stuck }: { readonly stuck: number }): void {
  const series = seriesOf("domains", []);
  add(series, "DomainsStuck", stuck);
  recorded(series);
}

/** A school has been dumped. */
export function dumped({
  cell,
  bytes,
  ms,
}: {
  readonly cell: string;
  readonly bytes: number;
  readonly ms: number;
}): void {
  const series = seriesOf("dump", [cell]);
  add(series, "DumpBytes", bytes);
  add(series, "DumpTime", rounded(ms));
  recorded(series);
}

/** Records a nightly dump of a cell: the time since the oldest dump among its schools. */
export function undumped({ cell, ageMs }: { readonly cell: string; readonly ageMs: number }): void {
  const series = seriesOf("dump", [cell]);
  add(series, "DumpAge", Math.max(0, Math.round(ageMs)));
  recorded(series);
}

/** The canary has asked for something as a visitor. */
export function canary(walked: { readonly check: string; readonly ms: number; readonly isOk: boolean }): void {
  const series = seriesOf("canary", [walked.check]);
  add(series, "CanarySuccess", walked.isOk ? 100 : 0);
  add(series, "CanaryTime", rounded(walked.ms));
  recorded(series);
  if (isLambda) flush();
}

/** An error happened. The log calls it for every error line; what is logged needs no second call. */
export function error(found: { readonly type: string; readonly severity: Severity; readonly endpoint: string }): void {
  count("error", [found.type, found.severity, found.endpoint], "ErrorCount");
}

/** Somebody did something. Called where it has succeeded. */
export const userActivity = (activity: Activity): void => count("activity", [activity], "UserActivity");

/** Work was handed in. `kind` is a word of the assignments domain, never an id. */
export const assignmentSubmission = (kind: "first" | "again" | "late"): void =>
  count("submission", [kind], "AssignmentSubmission");

/** A grade was given, changed or released. */
export const gradingOperation = (operation: "graded" | "regraded" | "released"): void =>
  count("grading", [operation], "GradingOperation");

/**
 * Writes a line for each series with samples. Runs once a second in a long-lived process, and after each request on
 * Lambda, which may freeze the process afterward.
 */
export function flush(): void {
  for (const series of state.series.values()) write(series);
}

/** Also hands each line to `writer`. Answers what ends that. */
export function onLine(writer: (line: string) => void): () => void {
  state.writers.add(writer);
  return () => state.writers.delete(writer);
}

/** Every series with its totals since the process began. */
export const all = (): Iterable<Series> => state.series.values();

export { bucketsOf, type FamilyName, familyOf } from "./definitions.ts";
export type { Series, Total } from "./series.ts";

const everyMs = 1_000;
const isLambda = process.env.AWS_LAMBDA_FUNCTION_NAME !== undefined;

function count(family: "error" | "activity" | "submission" | "grading", values: readonly string[], name: string): void {
  const series = seriesOf(family, values);
  add(series, name, 1);
  recorded(series);
}

function recorded(series: Series): void {
  series.pending += 1;
  if (series.pending >= maxSamples) write(series);
  if (state.timer || isLambda) return;
  state.timer = setTimeout(() => {
    state.timer = undefined;
    flush();
  }, everyMs);
  // What gathers metrics must not keep a process alive.
  state.timer.unref();
}

function write(series: Series): void {
  const line = takeLine(series, { stage: stage(), release: process.env.LECTERN_RELEASE ?? "dev" });
  if (line === undefined) return;
  // Not through the console, which Lambda wraps into its own line; CloudWatch needs the object at the top.
  if (process.env.LECTERN_LOG !== "silent") process.stdout.write(`${line}\n`);
  for (const writer of state.writers) writer(line);
}

let known: string | undefined;
function stage(): string {
  known ??= Resource.App.stage;
  return known;
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;

export * as Metric from "./index.ts";
