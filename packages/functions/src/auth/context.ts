import { randomBytes } from "node:crypto";
import { RateLimit } from "@lectern/core/house/rate-limit";
import { type Route, withActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { Form } from "@lectern/core/kernel/form";
import { createId } from "@lectern/core/kernel/id";
import { Measure } from "@lectern/core/kernel/measure";
import { Trace } from "@lectern/core/kernel/trace";
import { Url } from "@lectern/core/kernel/url";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { routePath } from "hono/route";
import { addressOf, networkOf } from "../api/address.ts";
import { csrfOf, isCsrf, ownCookie } from "./flow.ts";
import type { Frame } from "./pages/layout.tsx";

export interface AuthEnv {
  Variables: {
    requestId: string;
    nonce: string;
    csrf: string;
    /** Set as early as possible, so that refusals have the school's brand. */
    school: Route | undefined;
    /** The school's host that this sign-in returns to, possibly a custom domain. */
    home: string | undefined;
    form: URLSearchParams;
  };
}
export type AuthContext = Context<AuthEnv>;

const cookieName = "__Host-lectern-auth";
const maxForm = 32 * 1024;

/** Traces the request and counts the response. Outermost middleware. */
export const measured: MiddlewareHandler<AuthEnv> = (c, next) => {
  const begin = performance.now();
  const requestId = createId("request");
  c.set("requestId", requestId);
  return Trace.run({ endpoint: Measure.endpointOf(c.req.method, "auth/*"), requestId }, async (trace) => {
    await next();
    // The matched pattern, known only after the handler; an unknown page keeps the wildcard.
    const pattern = routePath(c, -1);
    if (c.res.status !== 404) trace.endpoint = Measure.endpointOf(c.req.method, `auth${pattern}`);
    const bytesIn = Measure.bytesOf(c.req.header("content-length")) ?? 0;
    const bytesOut = Measure.bytesOf(c.res.headers.get("content-length"));
    Measure.answered(trace, { status: c.res.status, ms: performance.now() - begin, bytesIn, bytesOut });
  });
};

/** Sets request id, nonce, form cookie and response headers. */
export const prepare: MiddlewareHandler<AuthEnv> = async (c, next) => {
  c.set("nonce", randomBytes(16).toString("base64url"));
  const known = getCookie(c, cookieName);
  const cookie = known && known.length > 20 && known.length < 100 ? known : randomBytes(24).toString("base64url");
  c.set("csrf", await csrfOf(cookie));
  await next();
  const isPage = (c.res.headers.get("content-type") ?? "").startsWith("text/html");
  if (isPage && cookie !== known) setCookie(c, cookieName, cookie, ownCookie);
  const { headers } = c.res;
  headers.set("x-request-id", c.get("requestId"));
  headers.set("x-content-type-options", "nosniff");
  // Mail links contain a token, which must not reach other hosts as a referrer.
  headers.set("referrer-policy", "same-origin");
  headers.set("x-frame-options", "DENY");
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
  headers.set("content-security-policy", contentSecurityPolicy(c.get("nonce"), c.get("school"), c.get("home")));
  if (Url.authUrl().startsWith("https:"))
    headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
  if (!headers.has("cache-control")) headers.set("cache-control", "private, no-store");
};

/**
 * Returns a CSP that permits only our nonce's scripts and styles; forms may redirect to the school's host, which gets
 * the code.
 */
function contentSecurityPolicy(nonce: string, school: Route | undefined, returnTo: string | undefined): string {
  const home = new URL(school ? Url.schoolUrl(school) : Url.platformUrl()).origin;
  const ends = new Set(school ? [home, returnTo ?? home] : []);
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "font-src 'self'",
    `img-src 'self' ${home}`,
    ["form-action 'self'", ...ends].join(" "),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Refuses a form unless it comes from this origin and has the CSRF token of this browser. */
export const requireForm: MiddlewareHandler<AuthEnv> = async (c, next) => {
  const form = await readForm(c);
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site");
  const isForeign =
    (origin !== undefined && origin !== new URL(Url.authUrl()).origin) ||
    (site !== undefined && site !== "same-origin" && site !== "none");
  if (isForeign || !(await isCsrf(form.get("csrf") ?? "", getCookie(c, cookieName))))
    throw new DomainError(
      "forbidden",
      "form.foreign",
      "This form has expired, or your browser refuses cookies. Please go back, load the page again and repeat.",
    );
  c.set("form", form);
  await next();
};

/** Returns the form fields of the body, within a size limit. */
export async function readForm(c: AuthContext): Promise<URLSearchParams> {
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    throw new DomainError("invalid", "form.type", "Please send a form.");
  return new URLSearchParams((await Form.read(c.req.raw, maxForm)).toString("utf8"));
}

export const frameOf = (c: AuthContext): Frame => ({
  school: c.get("school"),
  nonce: c.get("nonce"),
  csrf: c.get("csrf"),
});

/** Sets the school's brand for the response and refuses a school that is not open. */
export function enter(c: AuthContext, route: Route): Route {
  c.set("school", route);
  return Directory.requireActive(route);
}

/** Returns the school of a mail's link by slug; throws 404 if unknown. */
export async function schoolBySlug(c: AuthContext, slug: string | null | undefined): Promise<Route> {
  const route =
    slug && /^[a-z0-9-]{1,63}$/.test(slug) ? await Directory.byHost(`${slug}.${Directory.platformHost()}`) : undefined;
  if (!route) throw Directory.notFound();
  return enter(c, route);
}

/** Runs work as a visitor of the school. */
export const asVisitor = <T>(c: AuthContext, school: Route, work: () => Promise<T>): Promise<T> =>
  withActor({ type: "public", school, requestId: c.get("requestId"), from: fromOf(c) }, work);

const fromOf = (c: AuthContext) => ({
  userAgent: (c.req.header("user-agent") ?? "").slice(0, 400),
  address: addressOf(c),
});

/**
 * Returns the key that limits count a request under. A local caller with the stage's key counts separately (tests,
 * benches).
 */
export function callerOf(c: AuthContext): string {
  const local = c.req.header("x-lectern-local");
  return RateLimit.isLocalCaller(local) ? `local:${local?.split(":")[1] ?? ""}` : networkOf(c);
}

const limits = {
  /** A class of thirty behind one address signs in within one minute. */
  signIn: { bucket: "auth.sign_in", max: 120, perSeconds: 60 },
  signUp: { bucket: "auth.sign_up", max: 100, perSeconds: 3600 },
  mail: { bucket: "auth.mail", max: 60, perSeconds: 3600 },
  link: { bucket: "auth.link", max: 200, perSeconds: 3600 },
  /** The web servers exchange everybody's codes. */
  token: { bucket: "auth.token", max: 6000, perSeconds: 60 },
} as const;

/** Counts a request of this kind for its address; refuses with 429 over the limit. */
export async function limit(c: AuthContext, kind: keyof typeof limits): Promise<void> {
  await RateLimit.require({ ...limits[kind], key: networkOf(c), local: c.req.header("x-lectern-local") });
}
