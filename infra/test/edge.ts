import { createHash } from "node:crypto";
import { createContext, runInContext } from "node:vm";
import { at, ofType } from "../rules/rule.ts";
import type { Graph } from "../synth/graph.ts";

interface Value {
  value: string;
  multiValue?: { value: string }[];
}

export interface EdgeRequest {
  method: string;
  uri: string;
  querystring: Record<string, Value>;
  headers: Record<string, Value>;
  cookies: Record<string, Value>;
}

export interface EdgeOrigin {
  readonly domainName: string;
  readonly customOriginConfig?: { readonly protocol: string; readonly port: number };
  readonly originAccessControlConfig?: { readonly enabled: boolean; readonly originType?: string };
}

export interface EdgeAnswer {
  /** Set when the edge answered without the origin. */
  readonly response?: { readonly statusCode: number; readonly body?: { readonly data: string } };
  readonly request: EdgeRequest;
  /** The request's origin; undefined when nothing matched and the placeholder would be called. */
  readonly origin?: EdgeOrigin;
}

/** CloudFront's limit for a function. */
export const maxFunctionBytes = 10 * 1024;

export function edgeSource(graph: Graph): string {
  const [fn, ...more] = ofType(graph, "aws:cloudfront/function:Function").filter(({ name }) => /^Router/.test(name));
  const code = fn && at(fn, "code");
  if (typeof code !== "string" || more.length > 0) throw new Error(`${graph.stage} has no one edge function`);
  return code;
}

/** Returns what SST writes into the router's store: routes and their targets. */
export function edgeStore(graph: Graph): Map<string, string> {
  const store = new Map<string, string>();
  const routes = new Map<string, string[]>();
  for (const resource of ofType(graph, "pulumi-nodejs:dynamic:Resource")) {
    const namespace = at(resource, "namespace");
    if (/\.KvKeys$/.test(resource.name)) {
      const entries = at(resource, "entries") as Readonly<Record<string, string>>;
      for (const [key, value] of Object.entries(entries)) store.set(`${namespace}:${key}`, value);
    }
    if (/\.KvRoutesUpdate$/.test(resource.name)) {
      const key = `${namespace}:${at(resource, "key")}`;
      routes.set(key, [...(routes.get(key) ?? []), String(at(resource, "entry"))]);
    }
  }
  for (const [key, entries] of routes) store.set(key, JSON.stringify(entries.sort()));
  return store;
}

/** A map, or an object with the same method. */
export interface EdgeStore {
  get(key: string): string | undefined | Promise<string | undefined>;
}

/** Runs an edge function with CloudFront's globals only: the language, its store and a request. */
export function edgeOf(code: string, store: EdgeStore) {
  const sent: { origin?: EdgeOrigin } = {};
  const cf = {
    kvs: () => ({
      get: async (key: string) => {
        const value = await store.get(key);
        if (value === undefined) throw new Error("KeyNotFound");
        return value;
      },
    }),
    updateRequestOrigin: (to: EdgeOrigin) => {
      sent.origin = to;
    },
  };
  const context = createContext({ cf, require: () => ({ createHash }) });
  runInContext(code.replace(/^\s*import cf from "cloudfront";/, ""), context);
  const handler = runInContext("handler", context) as (event: object) => Promise<Record<string, unknown>>;
  let count = 0;
  return async (request: EdgeRequest, ip = "192.0.2.7"): Promise<EdgeAnswer> => {
    delete sent.origin;
    count += 1;
    const event = { request, viewer: { ip }, context: { requestId: `edge-${count}`, eventType: "viewer-request" } };
    const result = await handler(event);
    if (typeof result.statusCode === "number") return { response: result as never, request };
    return { request: result as unknown as EdgeRequest, ...sent };
  };
}

export function edgeRequest(
  url: string,
  { headers = {}, method = "GET" }: { headers?: Readonly<Record<string, string>>; method?: string } = {},
): EdgeRequest {
  const { host, pathname, searchParams } = new URL(url);
  const { cookie = "", ...rest } = headers;
  return {
    method,
    uri: pathname,
    querystring: Object.fromEntries([...searchParams].map(([name, value]) => [name, { value }])),
    headers: Object.fromEntries(
      Object.entries({ host, ...rest }).map(([name, value]) => [name.toLowerCase(), { value }]),
    ),
    cookies: Object.fromEntries(
      cookie
        .split(/;\s*/)
        .filter(Boolean)
        .map((each) => {
          const [name = "", ...value] = each.split("=");
          return [name, { value: value.join("=") }];
        }),
    ),
  };
}
