import pino from "pino";
import { maybeActor, stamp } from "../actor/index.ts";
import { Metric } from "../metric/index.ts";
import { Trace } from "../trace/index.ts";
import { tellNotable } from "./listener.ts";

export { onNotableLine } from "./listener.ts";

/** The message of a slow request. Of the lines below errors, only these are read. */
export const slowRequest = "slow request";

const errorLevel = 50;
const fatalLevel = 60;

/**
 * Writes lines to standard output and counts error lines. Hands errors and slow requests to this process's gatherer; on
 * AWS a subscription of the log group gathers them.
 */
const output = pino.destination({ fd: 1, sync: true });
const counted = {
  // With this pino says what it is about to write.
  [Symbol.for("pino.metadata")]: true,
  lastLevel: 0,
  lastObj: undefined as unknown,
  lastMsg: undefined as unknown,
  write(line: string): void {
    output.write(line);
    if (this.lastLevel >= errorLevel) this.countError();
    else if (this.lastMsg !== slowRequest) return;
    tellNotable(line);
  },
  countError(): void {
    const trace = Trace.current();
    if (trace) trace.errors += 1;
    Metric.error({
      type: typeOf(this.lastObj),
      severity: this.lastLevel >= fatalLevel ? "critical" : "error",
      endpoint: trace?.endpoint ?? "none",
    });
  },
};

/**
 * Structured JSON logs. Every line carries the request, school and actor ids; never a secret, a token, an e-mail
 * address or a learner's work. `fatal` must wake someone: a broken invariant, a dependency that is gone for good.
 */
export const log = pino(
  {
    level: process.env.LECTERN_LOG ?? "info",
    base: { release: process.env.LECTERN_RELEASE ?? "dev" },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ["password", "token", "secret", "authorization", "cookie", "email", "*.password", "*.token", "*.email"],
      censor: "[redacted]",
    },
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const actor = maybeActor();
      const trace = Trace.current();
      return {
        ...(trace && { endpoint: trace.endpoint }),
        ...(trace?.requestId !== undefined && { requestId: trace.requestId }),
        ...(trace?.traceId !== undefined && { traceId: trace.traceId }),
        ...(trace?.schoolId !== undefined && { schoolId: trace.schoolId }),
        ...(actor && { requestId: actor.requestId, schoolId: actor.school.schoolId, actor: stamp(actor) }),
      };
    },
  },
  counted,
);

/** Returns the class name of what was thrown. There are few, so it may become a dimension. */
function typeOf(logged: unknown): string {
  const err: unknown = typeof logged === "object" && logged !== null ? Reflect.get(logged, "err") : undefined;
  if (err === undefined) return "none";
  if (typeof err !== "object" || err === null) return typeof err;
  const name: unknown = Reflect.get(err, "name") ?? Reflect.get(err, "type");
  return typeof name === "string" && /^[A-Za-z][\w.]{0,60}$/.test(name) ? name : "Error";
}
