import { performance } from "node:perf_hooks";
import { withActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Measure } from "@lectern/core/kernel/measure";
import { Trace } from "@lectern/core/kernel/trace";
import { Hono, type MiddlewareHandler } from "hono";
import { actorOf } from "./actor.ts";
import { sendProblem } from "./answer.ts";
import type { ApiContext, Env } from "./context.ts";
import { allowedOrigin, preflight } from "./cors.ts";
import type { Endpoint } from "./endpoint.ts";
import { schoolConcurrency } from "./limits.ts";
import { HttpRefusal, refusalOf } from "./problem.ts";
import { serve } from "./serve.ts";

export const basePath = "/api/v1";

/**
 * Returns an API of the given operations with ids, logging, host lookup and error handling. `also` mounts other
 * handlers within the same middleware.
 */
export function domainApp(endpoints: readonly Endpoint[], also: (app: Hono<Env>) => void = () => {}): Hono<Env> {
  const app = new Hono<Env>({ strict: false });
  const methods = methodTable(endpoints);
  app.use("*", frame);
  app.onError((error, c) => sendProblem(c, refusalOf(error)));
  app.notFound((c) => notFound(c, methods));

  app.use("/api/*", host);
  also(app);
  app.options(`${basePath}/*`, (c) => preflight(c, methods(c.req.path)));

  for (const route of endpoints) {
    app.on(route.method.toUpperCase(), `${basePath}${route.path.replaceAll(/\{(\w+)\}/g, ":$1")}`, (c) =>
      enter(route, c),
    );
  }
  return app;
}

/** Keeps a well-formed request id of another service, so that one search finds the whole request. */
const wellFormedId = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/** Outermost middleware: sets id and trace, then writes metrics and one log line. */
const frame: MiddlewareHandler<Env> = (c, next) => {
  const begin = performance.now();
  const given = c.req.header("x-request-id");
  const requestId = given !== undefined && wellFormedId.test(given) ? given : createId("request");
  c.set("requestId", requestId);
  return Trace.run({ endpoint: unmatched(c), requestId }, async (trace) => {
    c.set("trace", trace);
    await next();
    const ms = performance.now() - begin;
    const { status } = c.res;
    Measure.answered(trace, {
      status,
      ms,
      bytesIn: Measure.bytesOf(c.req.header("content-length")) ?? 0,
      bytesOut: c.get("bytesOut"),
    });
    const line = { method: c.req.method, route: c.get("pattern") ?? "none", status, ms: Math.round(ms * 10) / 10 };
    const actor = c.get("actor");
    if (actor) withActor(actor, () => log.info(line, "request"));
    else log.info({ ...line, requestId, schoolId: c.get("school")?.schoolId }, "request");
  });
};

const ownPaths = new Set(["/health", "/health/ready", "/metrics", `${basePath}/openapi.json`, "/api/docs"]);

/** Metric name of a request that matched no operation. */
const unmatched = ({ req }: ApiContext): string =>
  Measure.endpointOf(req.method, ownPaths.has(req.path) ? req.path : `${basePath}/*`);

/** Maps the host to a school, or to none for the platform. An unknown host is 404, never a default school. */
const host: MiddlewareHandler<Env> = async (c, next) => {
  // The edge overwrites any x-forwarded-host of the client.
  const name = Directory.normalise(c.req.header("x-forwarded-host") ?? c.req.header("host") ?? "");
  c.set("host", name);
  const school = name === Directory.platformHost() ? undefined : await Directory.byHost(name);
  if (!school && name !== Directory.platformHost()) throw Directory.notFound();
  c.set("school", school);
  if (school) c.get("trace").schoolId = school.schoolId;
  const origin = await allowedOrigin(c, school);
  if (origin !== undefined) c.set("origin", origin);
  await next();
};

/** Checks host, school state, actor and concurrency, then serves the operation as the actor. */
async function enter(route: Endpoint, c: ApiContext): Promise<Response> {
  c.set("pattern", route.name);
  c.get("trace").endpoint = endpointsOf(route);
  const school = c.get("school");
  if (!school) {
    if (route.on === "school") throw Directory.notFound();
    return serve(route, c);
  }
  if (route.on === "platform") throw notHere();
  Directory.requireActive(school);
  const actor = await actorOf(c, school);
  c.set("actor", actor);
  return withRoom(school.schoolId, () => withActor(actor, () => serve(route, c)));
}

const endpointNames = new WeakMap<Endpoint, string>();

/** Returns "GET /api/v1/courses/{courseId}". */
function endpointsOf(route: Endpoint): string {
  const name = endpointNames.get(route) ?? Measure.endpointOf(route.method.toUpperCase(), `${basePath}${route.path}`);
  endpointNames.set(route, name);
  return name;
}

const notHere = (): HttpRefusal => new HttpRefusal(404, "route.not_found", "There is nothing at this address.");

const atWork = new Map<string, number>();

/** Limits each school's concurrent requests, so that one school's slow work cannot fill the process. */
async function withRoom<T>(schoolId: string, work: () => Promise<T>): Promise<T> {
  const busy = atWork.get(schoolId) ?? 0;
  if (busy >= schoolConcurrency) {
    throw new DomainError("rate_limited", "school.busy", "This school is very busy at the moment.", undefined, 1);
  }
  atWork.set(schoolId, busy + 1);
  try {
    return await work();
  } finally {
    const left = (atWork.get(schoolId) ?? 1) - 1;
    if (left > 0) atWork.set(schoolId, left);
    else atWork.delete(schoolId);
  }
}

/** Returns a path's methods, needed only where nothing matched. */
function methodTable(endpoints: readonly Endpoint[]): (path: string) => readonly string[] {
  const patterns = endpoints.map(
    (route) =>
      [new RegExp(`^${basePath}${route.path.replaceAll(/\{\w+\}/g, "[^/]+")}/?$`), route.method.toUpperCase()] as const,
  );
  return (path) => {
    const found = new Set(patterns.filter(([pattern]) => pattern.test(path)).map(([, method]) => method));
    if (found.has("GET")) found.add("HEAD");
    return found.size > 0 ? [...found, "OPTIONS"].sort() : [];
  };
}

function notFound(c: ApiContext, methods: (path: string) => readonly string[]): Response {
  const allowed = methods(c.req.path);
  if (allowed.length === 0) return sendProblem(c, notHere());
  return sendProblem(c, {
    status: 405,
    code: "request.method",
    message: `This address does not know ${c.req.method}.`,
    headers: { allow: allowed.join(", ") },
  });
}
