import { type Route, withActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import * as ApiKey from "@lectern/core/people/api-key";
import { Resource } from "sst";
import type { ApiContext } from "./context.ts";

/**
 * Returns the origin to allow, or undefined. Browsers may call a school's API from its own hosts and from pages that an
 * API key lists; the platform's host allows itself.
 */
export async function allowedOrigin(c: ApiContext, school: Route | undefined): Promise<string | undefined> {
  const origin = c.req.header("origin");
  if (!origin) return undefined;
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return undefined;
  }
  if (url.origin !== origin) return undefined;
  if (!school) return url.host === Resource.Platform.domain && isOurs(url) ? origin : undefined;
  const theirs = await Directory.byHost(url.hostname);
  // Another port of the same machine is another origin, so not the school's.
  const isOwn = isOurs(url) && theirs?.schoolId === school.schoolId && url.port === portOf(Resource.Platform.domain);
  if (isOwn) return origin;
  if (c.req.method !== "OPTIONS") return undefined;
  // A preflight carries no key, so it passes if any key lists the page; the call itself is checked against its own key.
  const visitor = { type: "public", school, requestId: c.get("requestId") } as const;
  return (await withActor(visitor, () => ApiKey.allowsOrigin({ origin }))) ? origin : undefined;
}

const isOurs = (url: URL): boolean => url.protocol === `${Resource.Platform.protocol}:`;
const portOf = (domain: string): string => /:(\d+)$/.exec(domain)?.[1] ?? "";

/** Answers a preflight. Without Access-Control-Allow-Origin the browser stops. */
export function preflight(c: ApiContext, methods: readonly string[]): Response {
  const origin = c.get("origin");
  const headers: Record<string, string> = { vary: "Origin", "x-request-id": c.get("requestId") };
  if (origin !== undefined) {
    headers["access-control-allow-origin"] = origin;
    headers["access-control-allow-methods"] = methods.join(", ");
    headers["access-control-allow-headers"] =
      "authorization, content-type, if-match, if-none-match, idempotency-key, x-lectern-local";
    headers["access-control-max-age"] = "600";
  }
  return new Response(null, { status: 204, headers });
}
