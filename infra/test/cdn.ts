import { at, ofType } from "../rules/rule.ts";
import type { Graph } from "../synth/graph.ts";
import { type EdgeRequest, type EdgeStore, edgeOf, edgeSource, edgeStore } from "./edge.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly cookies: readonly string[];
  readonly body: string;
}

export type Origin = (request: EdgeRequest, host: string) => Promise<Answer>;

interface Kept {
  readonly answer: Answer;
  readonly keptAt: number;
  readonly freshMs: number;
  readonly staleMs: number;
  /** How long a stale answer replaces the origin's 5xx. */
  readonly errorMs: number;
}

export interface Cdn {
  /** `result` is CloudFront's x-cache; `stale` is a hit with a renewal in the background. */
  ask(request: EdgeRequest): Promise<Answer & { readonly result: "hit" | "stale" | "miss" | "edge" }>;
  kept(): readonly Answer[];
  /** The clock in milliseconds, so that tests need not wait. */
  now: number;
  /** The router's store: routes and editions. */
  readonly store: Map<string, string>;
}

/**
 * An edge location: the generated function, the deployed cache key, and CloudFront's documented caching (s-maxage
 * before max-age within the policy's bounds; never private or no-store; stale-while-revalidate; stale-if-error; error
 * caching of the distribution).
 */
export function cdnOf(graph: Graph, origin: Origin, code = edgeSource(graph), editions?: EdgeStore): Cdn {
  const [policy] = ofType(graph, "aws:cloudfront/cachePolicy:CachePolicy").filter(({ name }) => /^Router/.test(name));
  const [distribution] = ofType(graph, "aws:cloudfront/distribution:Distribution").filter(({ name }) =>
    /^Router/.test(name),
  );
  if (!policy || !distribution) throw new Error(`${graph.stage} has no router`);
  const parameters = at(policy, "parametersInCacheKeyAndForwardedToOrigin") as {
    readonly headersConfig: { readonly headers?: { readonly items: readonly string[] } };
    readonly queryStringsConfig: { readonly queryStringBehavior: string };
    readonly cookiesConfig: { readonly cookieBehavior: string };
  };
  if (parameters.cookiesConfig.cookieBehavior !== "none" || parameters.queryStringsConfig.queryStringBehavior !== "all")
    throw new Error("this cache knows keys of all queries and no cookies only");
  const bounds = {
    min: Number(at(policy, "minTtl")),
    max: Number(at(policy, "maxTtl")),
    usual: Number(at(policy, "defaultTtl")),
  };
  const errors = new Map(
    ((at(distribution, "customErrorResponses") ?? []) as { errorCode: number; errorCachingMinTtl?: number }[]).map(
      (each) => [each.errorCode, each.errorCachingMinTtl ?? 10],
    ),
  );
  const store = edgeStore(graph);
  const edge = edgeOf(code, {
    get: (key) => (editions && key.startsWith("edition:") ? editions.get(key) : store.get(key)),
  });
  const kept = new Map<string, Kept>();

  const keyOf = (request: EdgeRequest): string =>
    JSON.stringify([
      request.method,
      request.uri,
      Object.entries(request.querystring).map(([name, { value }]) => `${name}=${value}`),
      ...(parameters.headersConfig.headers?.items ?? []).map((name) => request.headers[name]?.value ?? ""),
    ]);

  function keep(key: string, answer: Answer, keptAt: number): void {
    const control = String(answer.headers["cache-control"] ?? "");
    const seconds = (name: string) => {
      const found = new RegExp(`(?:^|[\\s,])${name}=(\\d+)`).exec(control);
      return found ? Number(found[1]) : undefined;
    };
    const isOff = /no-store|no-cache|private/.test(control);
    const asked = isOff ? 0 : (seconds("s-maxage") ?? seconds("max-age") ?? bounds.usual);
    const least = answer.status >= 400 ? (errors.get(answer.status) ?? 10) : bounds.min;
    const fresh = Math.min(Math.max(asked, least), bounds.max);
    kept.delete(key);
    if (fresh <= 0) return;
    kept.set(key, {
      answer,
      keptAt,
      freshMs: fresh * 1000,
      staleMs: isOff ? 0 : (seconds("stale-while-revalidate") ?? 0) * 1000,
      errorMs: isOff ? 0 : (seconds("stale-if-error") ?? 0) * 1000,
    });
  }

  const cdn: Cdn = {
    now: 0,
    store,
    kept: () => [...kept.values()].map(({ answer }) => answer),
    async ask(given) {
      const host = given.headers.host?.value ?? "";
      const { request, response, origin: to } = await edge(given);
      if (response)
        return {
          status: response.statusCode,
          headers: {},
          cookies: [],
          body: response.body?.data ?? "",
          result: "edge",
        };
      if (!to) throw new Error(`the edge sends ${host}${given.uri} nowhere`);
      const forward = () => origin(request, host);
      if (request.method !== "GET" && request.method !== "HEAD") return { ...(await forward()), result: "miss" };
      const key = keyOf(request);
      const known = kept.get(key);
      const age = known ? cdn.now - known.keptAt : 0;
      if (known && age < known.freshMs) return { ...known.answer, result: "hit" };
      if (known && age < known.freshMs + known.staleMs) {
        const { now } = cdn;
        const renewed = await forward();
        if (renewed.status < 500) keep(key, renewed, now);
        return { ...known.answer, result: "stale" };
      }
      const answer = await forward();
      if (known && answer.status >= 500 && age < known.freshMs + known.errorMs)
        return { ...known.answer, result: "stale" };
      keep(key, answer, cdn.now);
      return { ...answer, result: "miss" };
    },
  };
  return cdn;
}
