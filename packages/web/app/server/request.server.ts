import { randomBytes } from "node:crypto";
import { createId } from "@lectern/core/kernel/id";
import type { AppLoadContext } from "@remix-run/node";
import type { Seat } from "./actor.server.ts";
import type { Host } from "./host.server.ts";

/** What a loader, an action and the entry are given; one `context` object belongs to one HTTP request. */
export interface RequestArgs {
  readonly request: Request;
  readonly context: AppLoadContext;
}

/** What is known of one HTTP request, shared by all of its loaders (they run in parallel). */
export interface RequestState {
  readonly requestId: string;
  /** For the scripts and the brand style of this answer. */
  readonly nonce: string;
  readonly startedAt: number;
  host?: Promise<Host>;
  seat?: Promise<Seat>;
  /** A page is counted once, although several loaders make it. */
  pageCount?: Promise<unknown>;
  /** Set by whatever makes the answer one person's: a session, a theme, a flash. It is then never cached outside. */
  isPrivate: boolean;
  /** Seconds until asking again makes sense, once something was refused for now: the answer of a document says it too. */
  retryAfter?: number;
  /** SQL statements sent so far. */
  queries: number;
  /** Cookies to set, whatever the loaders answer. */
  readonly cookies: string[];
}

const states = new WeakMap<object, RequestState>();
/** Both fronts name each request themselves and drop what a client sent in its place. */
const requestId = /^[\w.:-]{1,100}$/;

/** The state of the request these arguments belong to. */
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

/** One cookie of the request by name, decoded. */
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

/** The host the visitor asked for, with its port. Our edge overwrites the forwarded header, so a client cannot choose it. */
export const hostOf = (request: Request): string =>
  request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? new URL(request.url).host;

/** The visitor's address: the last entry is the edge's own, what stands before it came with the request. */
export const ipOf = (request: Request): string =>
  request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() || "unknown";

/** Path and query of the page, to come back to after signing in. */
export function pathOf(request: Request): string {
  const url = new URL(request.url);
  return `${url.pathname}${url.search}`;
}

/**
 * A local path and nothing else: an address of another site, or one that only looks local, becomes `fallback`. Browsers
 * normalize an address before they follow it, so the normalized one is judged: `/.//evil.example` becomes `//evil.example`.
 */
export function localPath(given: FormDataEntryValue | string | null | undefined, fallback = "/"): string {
  if (typeof given !== "string" || !given.startsWith("/") || /[\\\s\p{Cc}]/u.test(given)) return fallback;
  const base = "http://local.invalid";
  if (!URL.canParse(given, base)) return fallback;
  const url = new URL(given, base);
  const path = `${url.pathname}${url.search}${url.hash}`;
  return url.origin === base && !path.startsWith("//") && url.username === "" ? path : fallback;
}
