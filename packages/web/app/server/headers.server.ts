import { localCloud } from "@lectern/core/kernel/aws";
import { Edge } from "@lectern/core/kernel/edge";
import { Resource } from "sst";
import { isPreview } from "./brand-draft.server.ts";
import { hostOf, type RequestArgs, stateOf } from "./request.server.ts";
import type { Whole } from "./whole.server.ts";

/** Headers of every answer: the request's id, what a browser may do with it, who may keep it, and the waiting cookies. */
export function applyHeaders(headers: Headers, args: RequestArgs, status: number): void {
  for (const cookie of stateOf(args).cookies.splice(0)) headers.append("set-cookie", cookie);
  applyPolicies(headers, args, status);
}

/**
 * A redirect leaves without passing the renderer, so it gets its headers where it is made. Waiting cookies stay for the
 * page it leads to.
 */
export function applyToRedirect(answer: unknown, args: RequestArgs): void {
  if (answer instanceof Response && answer.status >= 300 && answer.status < 400)
    applyPolicies(answer.headers, args, answer.status);
}

function applyPolicies(headers: Headers, args: RequestArgs, status: number): void {
  const state = stateOf(args);
  // Remix keeps the headers of a refusal for itself where an error page is made of it.
  if (status >= 400 && state.retryAfter !== undefined) headers.set("retry-after", String(state.retryAfter));
  if (!headers.has("cache-control")) headers.set("cache-control", cachePolicy(headers, args, status));
  // A cached answer is given to others, whose requests have ids of their own.
  if (!headers.get("cache-control")?.startsWith("public")) headers.set("x-request-id", state.requestId);
  if (!headers.get("vary")?.includes("Cookie")) headers.append("vary", "Cookie");
  if (localCloud()) headers.set("x-lectern-queries", String(state.queries));
}

/**
 * What a visitor without any cookie of ours sees is the same for all visitors, so the edge may keep it for a minute,
 * and for a day while we cannot answer. Everything else belongs to one person.
 */
function cachePolicy(headers: Headers, args: RequestArgs, status: number): string {
  const isRead = args.request.method === "GET" || args.request.method === "HEAD";
  if (args.request.headers.has(Edge.ownHeader)) return "private, no-store";
  if (isRead && status === 200 && !stateOf(args).isPrivate && !headers.has("set-cookie"))
    return "public, max-age=0, s-maxage=60, stale-while-revalidate=600, stale-if-error=86400";
  return "private, no-store";
}

/**
 * What the page may load. Scripts: those of this very text, and the build's own files; not the media route, although it is on
 * the same host. No inline style but the brand's. Forms may post to the two buckets that take uploads and be sent on to a
 * school's host (sign-up, sign-out). A school's authors may show pictures of other sites (ADR 0026); the platform does not.
 */
export function contentSecurityPolicy(args: RequestArgs, hashes: Whole["hashes"]): string {
  const { protocol, domain } = Resource.Platform;
  const host = hostOf(args.request);
  const own = `${protocol}://${host}`;
  const storage =
    localCloud()?.endpoints.s3 ?? [Resource.MediaBucket.name, Resource.PackagesBucket.name].map(hostsOf).join(" ");
  const pictures = host === domain ? "" : " https:";
  // Vite's development server adds scripts of its own.
  const scripts = import.meta.env.DEV
    ? "'self' 'unsafe-inline' 'unsafe-eval'"
    : `${hashes.script.join(" ")} ${own}/assets/`;
  return [
    "default-src 'none'",
    `script-src ${scripts}`,
    `style-src 'self' ${import.meta.env.DEV ? "'unsafe-inline'" : hashes.style.join(" ")}`.trimEnd(),
    "font-src 'self'",
    `img-src 'self' data:${pictures} ${storage}`,
    `media-src 'self' ${storage}`,
    `connect-src 'self'${import.meta.env.DEV ? " ws:" : ""}`,
    `form-action 'self' ${protocol}://${domain} ${protocol}://*.${domain} ${storage}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "frame-src 'self'",
    // The brand page frames its preview; nothing on that can be pressed.
    `frame-ancestors ${isPreview(args.request) ? "'self'" : "'none'"}`,
    "object-src 'none'",
  ].join("; ");
}

/** A bucket as S3 names it: in the region where data is at home, and without one. */
function hostsOf(bucket: string): string {
  const region = process.env.LECTERN_HOME_REGION ?? process.env.AWS_REGION ?? "us-east-1";
  return `https://${bucket}.s3.${region}.amazonaws.com https://${bucket}.s3.amazonaws.com`;
}
