import { Idempotency } from "@lectern/core/house/idempotency";
import { RateLimit } from "@lectern/core/house/rate-limit";
import { Db } from "@lectern/core/kernel/db";
import { isDomainError } from "@lectern/core/kernel/error";
import { Permission } from "@lectern/core/kernel/permission";
import { addressOf, networkOf } from "./address.ts";
import { send } from "./answer.ts";
import type { ApiContext } from "./context.ts";
import { type Endpoint, isCreation } from "./endpoint.ts";
import { etagOf, requireMatch, versionOf } from "./etag.ts";
import { parseBody, parseQuery, readBody } from "./input.ts";
import { schoolLimit, seconds } from "./limits.ts";
import { HttpRefusal } from "./problem.ts";
import { pathParams } from "./schema.ts";

/** Serves a call of a declared route as the actor; the app's `onError` handles exceptions. */
export async function serve(route: Endpoint, c: ApiContext): Promise<Response> {
  await limit(route, c);
  if (!RateLimit.isLocalCaller(c.req.header("x-lectern-local"))) return answer(route, c);
  // Tests and benches read the number of statements.
  return Db.counted(() => answer(route, c));
}

async function answer(route: Endpoint, c: ApiContext): Promise<Response> {
  const params = paramsOf(route, c);
  const query = route.query ? parseQuery(route.query, c.req.url) : undefined;
  const text = route.body ? await readBody(c.req.raw) : "";
  const key = isCreation(route) ? c.req.header("idempotency-key") : undefined;
  if (key === undefined) {
    const { status, body, version, location } = await work();
    return send(c, body, { status, headers: location, ...(route.etag ? { etag: { version } } : {}) });
  }
  const kept = await Idempotency.run(
    { key, scope: `${callerOf(c, addressOf(c))} ${route.name}`, request: `${c.req.method} ${c.req.url}\n${text}` },
    async () => {
      const { status, body } = await work();
      return { status, body: body ?? "" };
    },
  );
  const location = locationOf(route, JSON.parse(kept.body), params);
  const headers = { ...location, "idempotency-replayed": String(kept.replayed) };
  return send(c, kept.body, { status: kept.status, headers });

  async function work(): Promise<Worked> {
    const body = route.body ? parseBody(route.body, text) : undefined;
    const version = route.versioned ? versionOf(c.req.header("if-match"), body, route.versioned) : undefined;
    const call = () => Permission.routed(route.name, () => route.run({ params, query, body, version, context: c }));
    const value = await matched(route, c, params, call).catch(aboutTheBody(route));
    if (RateLimit.isLocalCaller(c.req.header("x-lectern-local"))) c.set("queries", Db.queryCount());
    if (value === undefined || !route.reply.schema) return { status: route.status, body: null };
    return {
      status: route.status,
      body: JSON.stringify(value),
      version: numberOf(value),
      location: locationOf(route, value, params),
    };
  }
}

/** Drops errors about path ids, which are not found instead; errors describe only query and body. */
const aboutTheBody =
  (route: Endpoint) =>
  (error: unknown): never => {
    if (isDomainError(error) && error.code === "input.invalid") {
      const fields = Object.keys(error.fields ?? {});
      if (fields.length > 0 && fields.every((name) => route.params.includes(name))) throw notThere();
    }
    throw error;
  };

const notThere = (): HttpRefusal => new HttpRefusal(404, "resource.not_found", "That is not available.");

function locationOf(
  route: Endpoint,
  value: unknown,
  params: Record<string, string>,
): Record<string, string> | undefined {
  return route.location ? { location: `/api/v1${route.location(value, params)}` } : undefined;
}

interface Worked {
  readonly status: number;
  readonly body: string | null;
  readonly version?: number | undefined;
  readonly location?: Record<string, string> | undefined;
}

/** Returns the version of a versioned row. */
function numberOf(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || !("version" in value)) return undefined;
  return typeof value.version === "number" ? value.version : undefined;
}

/** With If-Match, reads and compares the current state in the updating transaction. */
function matched(
  route: Endpoint,
  c: ApiContext,
  params: Record<string, string>,
  call: () => Promise<unknown>,
): Promise<unknown> {
  const { current } = route;
  const header = c.req.header("if-match");
  if (!current || header === undefined) return call();
  return Db.use(async () => {
    const now = await Permission.routed(route.name, () => current({ params }));
    requireMatch(header, etagOf(JSON.stringify(now), numberOf(now)));
    return call();
  });
}

/** Answers impossible ids as not found, so that callers learn nothing from an id's form. */
function paramsOf(route: Endpoint, c: ApiContext): Record<string, string> {
  const params: Record<string, string> = {};
  for (const name of route.params) {
    const parsed = pathParams[name as keyof typeof pathParams].safeParse(c.req.param(name));
    if (!parsed.success) throw notThere();
    params[name] = parsed.data;
  }
  return params;
}

/** Counts the caller's limit, then the school's, so that a caller over its own limit uses none of the others' share. */
async function limit(route: Endpoint, c: ApiContext): Promise<void> {
  const local = c.req.header("x-lectern-local");
  const { bucket, per, max, by } = { by: "actor", ...route.rateLimit };
  const key = by === "address" ? `address ${networkOf(c)}` : callerOf(c);
  const taken = await RateLimit.take({ bucket, key, max, perSeconds: seconds[per], local });
  c.set("taken", taken);
  if (!taken.allowed) throw RateLimit.refusal(taken);
  if (!c.get("school")) return;
  const together = await RateLimit.take({ ...schoolLimit, key: "all", local });
  if (!together.allowed) throw RateLimit.refusal(together);
}

/** Limits count visitors by network; idempotency keys belong to one exact address. */
const callerOf = (c: ApiContext, address = networkOf(c)): string => {
  const actor = c.get("actor");
  return actor?.type === "user" ? actor.userId : `address ${address}`;
};
