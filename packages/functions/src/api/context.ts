import type { Actor, Route } from "@lectern/core/kernel/actor";
import type { Trace } from "@lectern/core/kernel/trace";
import type { Taken } from "@lectern/core/rate-limit";
import type { Context } from "hono";

/** What a request carries through the API. */
export interface Env {
  Bindings: Record<string, unknown>;
  Variables: {
    requestId: string;
    /** Host the person sees, without the port. */
    host: string;
    /** Undefined on the platform's own host. */
    school: Route | undefined;
    actor: Actor | undefined;
    /** "GET /courses/{courseId}": what a log line and a limit are about. */
    pattern: string | undefined;
    taken: Taken | undefined;
    origin: string | undefined;
    queries: number | undefined;
    /** What is counted of this request. */
    trace: Trace.Trace;
    /** Of the answer, before compression. */
    bytesOut: number | undefined;
  };
}

export type ApiContext = Context<Env>;
