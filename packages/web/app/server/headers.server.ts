import { localCloud } from "@lectern/core/kernel/aws";
import { Edge } from "@lectern/core/kernel/edge";
import { Resource } from "sst";
import { isPreview } from "./brand-draft.server.ts";
import { hostOf, type RequestArgs, stateOf } from "./request.server.ts";
import type { Whole } from "./whole.server.ts";

/** Sets request id, security headers, cache policy and pending cookies. */
export function applyHeaders(headers: Headers, args: RequestArgs, status: number): void {
  for (const cookie of stateOf(args).cookies.splice(0)) headers.append("set-cookie", cookie);
  applyPolicies(headers, args, status);
}

/** Redirects skip the renderer, so they get their headers here. A pending flash stays for the next page. */
export function applyToRedirect(answer: unknown, args: RequestArgs): void {
  if (answer instanceof Response && answer.status >= 300 && answer.status < 400)
    applyPolicies(answer.headers, args, answer.status);
}

function applyPolicies(headers: Headers, args: RequestArgs, status: number): void {
  const state = stateOf(args);
  // Remix does not pass a refusal's headers to the error page.
  if (status >= 400 && state.retryAfter !== undefined) headers.set("retry-after", String(state.retryAfter));
  if (!headers.has("cache-control")) headers.set("cache-control", cachePolicy(headers, args, status));
  // A cached page reaches other requests, which have their own ids.
  if (!headers.get("cache-control")?.startsWith("public")) headers.set("x-request-id", state.requestId);
  if (!headers.get("vary")?.includes("Cookie")) headers.append("vary", "Cookie");
  if (localCloud()) headers.set("x-lectern-queries", String(state.queries));
}

/**
 * Without a cookie, all visitors see the same page, so the edge may cache it for a minute and serve it stale for a day
 * during an outage. All other pages are private.
 */
function cachePolicy(headers: Headers, args: RequestArgs, status: number): string {
  const isRead = args.request.method === "GET" || args.request.method === "HEAD";
  if (args.request.headers.has(Edge.ownHeader)) return "private, no-store";
  if (isRead && status === 200 && !stateOf(args).isPrivate && !headers.has("set-cookie"))
    return "public, max-age=0, s-maxage=60, stale-while-revalidate=600, stale-if-error=86400";
  return "private, no-store";
}

/**
 * Returns the page's CSP. Scripts: this response's own and the build's files, but not the media route on the same host.
 * Styles: only the brand's inline style. Forms may post to the two upload buckets and redirect to a school's host
 * (sign-up, sign-out). Schools may embed images of other sites (ADR 0026); the platform may not.
 */
export function contentSecurityPolicy(args: RequestArgs, hashes: Whole["hashes"]): string {
  const { protocol, domain } = Resource.Platform;
  const host = hostOf(args.request);
  const own = `${protocol}://${host}`;
  const storage =
    localCloud()?.endpoints.s3 ?? [Resource.MediaBucket.name, Resource.PackagesBucket.name].map(hostsOf).join(" ");
  const pictures = host === domain ? "" : " https:";
  // Vite's development server injects scripts.
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
    // The brand page frames its preview, which has nothing to click.
    `frame-ancestors ${isPreview(args.request) ? "'self'" : "'none'"}`,
    "object-src 'none'",
  ].join("; ");
}

/** Returns a bucket's hosts: with its region and without. */
function hostsOf(bucket: string): string {
  const region = process.env.LECTERN_HOME_REGION ?? process.env.AWS_REGION ?? "us-east-1";
  return `https://${bucket}.s3.${region}.amazonaws.com https://${bucket}.s3.amazonaws.com`;
}
