import { randomBytes } from "node:crypto";
import { createId } from "@lectern/core/kernel/id";
import type { AppLoadContext } from "@remix-run/node";
import type { Seat } from "./actor.server.ts";
import type { Host } from "./host.server.ts";

/** Arguments of loaders, actions and the entry. Each HTTP request has its own `context` object. */
export interface RequestArgs {
  readonly request: Request;
  readonly context: AppLoadContext;
}

/** State of one HTTP request, shared by its loaders, which run in parallel. */
export interface RequestState {
  readonly requestId: string;
  /** For the scripts and the brand style of this response. */
  readonly nonce: string;
  readonly startedAt: number;
  host?: Promise<Host>;
  seat?: Promise<Seat>;
  /** Counts a page once, although several loaders serve it. */
  pageCount?: Promise<unknown>;
  /** Set when the response depends on a cookie (session, theme, flash). Shared caches must not store it then. */
  isPrivate: boolean;
  /** Retry-After in seconds, which the error page's response repeats. */
  retryAfter?: number;
  queries: number;
  /** Set-Cookie values, added to any response. */
  readonly cookies: string[];
}

const states = new WeakMap<object, RequestState>();
/** Both proxies set the request id and drop the client's. */
const requestId = /^[\w.:-]{1,100}$/;

/** Returns the state of the request. */
export function stateOf({ request, context }: RequestArgs): RequestState {
  let state = states.get(context);
  if (!state) {
    const given = request.headers.get("x-request-id");
    state = {
      requestId: given && requestId.test(given) ? given : createId("request"),
      nonce: randomBytes(16).toString("base64url"),
      startedAt: performance.now(),
      isPrivate: false,
      queries: 0,
      cookies: [],
    };
    states.set(context, state);
  }
  return state;
}

/** Returns a decoded cookie. */
export function cookieOf(request: Request, name: string): string | undefined {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at < 0 || part.slice(0, at).trim() !== name) continue;
    try {
      return decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      return undefined;
    }
  }
  return undefined;
}

/** Returns the requested host with its port. The edge overwrites the forwarded header, so clients cannot choose it. */
export const hostOf = (request: Request): string =>
  request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? new URL(request.url).host;

/** Returns the visitor's IP: the last entry is the edge's; earlier ones come from the client. */
export const ipOf = (request: Request): string =>
  request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() || "unknown";

/** Returns path and query, to return to after signing in. */
export function pathOf(request: Request): string {
  const url = new URL(request.url);
  return `${url.pathname}${url.search}`;
}

/**
 * Returns a local path, or `fallback` for addresses of other sites. Browsers normalize an address before following it,
 * so the check does too: `/.//evil.example` becomes `//evil.example`.
 */
export function localPath(given: FormDataEntryValue | string | null | undefined, fallback = "/"): string {
  if (typeof given !== "string" || !given.startsWith("/") || /[\\\s\p{Cc}]/u.test(given)) return fallback;
  const base = "http://local.invalid";
  if (!URL.canParse(given, base)) return fallback;
  const url = new URL(given, base);
  const path = `${url.pathname}${url.search}${url.hash}`;
  return url.origin === base && !path.startsWith("//") && url.username === "" ? path : fallback;
}
