import type { Taken } from "@lectern/core/house/rate-limit";
import type { Actor, Route } from "@lectern/core/kernel/actor";
import type { Trace } from "@lectern/core/kernel/trace";
import type { Context } from "hono";

export interface Env {
  Bindings: Record<string, unknown>;
  Variables: {
    requestId: string;
    /** Host the person sees, without the port. */
    host: string;
    /** Undefined on the platform's host. */
    school: Route | undefined;
    actor: Actor | undefined;
    /** "GET /courses/{courseId}", for logs and limits. */
    pattern: string | undefined;
    taken: Taken | undefined;
    origin: string | undefined;
    queries: number | undefined;
    trace: Trace.Trace;
    /** Response size before compression. */
    bytesOut: number | undefined;
  };
}

export type ApiContext = Context<Env>;
