import type { Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { type DomainError, isDomainError, refusalIn, statusOf } from "@lectern/core/kernel/error";
import { log } from "@lectern/core/kernel/log";
import { pathTo } from "@lectern/core/kernel/path";
import { Trace } from "@lectern/core/kernel/trace";
import { Url } from "@lectern/core/kernel/url";
import { Legal } from "@lectern/core/people/legal";
import { data } from "@remix-run/node";
import type { Help } from "../components/frame/frame-data.ts";
import { applyToRedirect } from "./headers.server.ts";
import { redirect } from "./redirect.server.ts";
import { hostOf, pathOf, type RequestArgs, stateOf } from "./request.server.ts";

/** The data of an error page. */
export interface RefusalBody {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  /** For a page without a frame, where the host has no open school. */
  readonly help: Help;
  readonly platformUrl: string;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly status: number;
}

/** Returns the refusal, or undefined after success. Rethrows bugs. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!isDomainError(error)) throw error;
    // These are not about the typed values, so they get an error page.
    if (error.kind === "unauthenticated" || error.kind === "suspended") throw error;
    return toRefusal(error);
  }
}

/** Returns `instead` when a service is unavailable. Rethrows bugs and other refusals. */
export async function orWithout<T, W>(work: Promise<T>, instead: W): Promise<T | W> {
  try {
    return await work;
  } catch (error) {
    if (refusalIn(error)?.kind !== "unavailable") throw error;
    log.warn({ err: error }, "a page goes without a part that is unavailable");
    return instead;
  }
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

/** Returns the result or the refusal. Rethrows bugs. */
export async function attempt<T>(work: Promise<T>): Promise<Attempt<T>> {
  let value: T | undefined;
  const refusal = await refusalOf(work.then((result) => (value = result)));
  return refusal ? { ok: false, refusal } : { ok: true, value: value as T };
}

export const toRefusal = (error: DomainError): Refusal => ({
  code: error.code,
  message: error.message,
  fields: error.fields ?? {},
  status: statusOf(error.kind),
});

/**
 * Runs a loader or action. A refusal becomes an error page with its status, a visitor who must sign in is redirected,
 * and a bug is logged and becomes a 500 that shows only the request id.
 */
export async function refusing<T>(args: RequestArgs, work: () => Promise<T>): Promise<T> {
  try {
    const answer = await work();
    applyToRedirect(answer, args);
    return answer;
  } catch (error) {
    applyToRedirect(error, args);
    if (error instanceof Response || isThrownData(error)) throw error;
    const { requestId } = stateOf(args);
    const refusal = refusalIn(error);
    if (refusal) {
      const { kind, code, message, retryAfter } = refusal;
      if (kind === "unauthenticated") {
        const redirection = signIn(args.request);
        applyToRedirect(redirection, args);
        throw redirection;
      }
      if (kind === "suspended") Trace.expected();
      if (retryAfter !== undefined) stateOf(args).retryAfter = Math.max(1, Math.ceil(retryAfter));
      throw thrown({ code, message, requestId, ...(await helpFor(args, code)) }, statusOf(kind), retryAfter);
    }
    if (args.request.signal.aborted) throw error;
    log.error(
      { err: error, requestId, method: args.request.method, path: new URL(args.request.url).pathname },
      "page failed",
    );
    throw thrown({ code: "bug", message: "", requestId, ...(await helpFor(args, "bug")) }, 500);
  }
}

/** Returns the school's contact, else the platform's. */
export const helpOf = (school?: Pick<Route, "legal" | "contactEmail">): Help => ({
  school: (school && Legal.linksOf(school, (path) => path).find(({ page }) => page === "contact")?.href) ?? null,
  platform: Url.platformLegal().contact ?? null,
});

/** A closed school serves no pages but still reads mail. */
async function helpFor(args: RequestArgs, code: string): Promise<Pick<RefusalBody, "help" | "platformUrl">> {
  const platformUrl = Url.platformUrl("/");
  if (!code.startsWith("school.")) return { help: helpOf(), platformUrl };
  const route = await Directory.byHost(hostOf(args.request)).catch(() => undefined);
  return { help: helpOf({ legal: {}, contactEmail: route?.contactEmail ?? null }), platformUrl };
}

/** Like `refusing`, for routes that return a file: a refusal is one line of text with the request id. */
export async function inPlainText(args: RequestArgs, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!isThrownData(error)) throw error;
    const { data: body, init } = error;
    const headers = new Headers(init?.headers);
    headers.set("content-type", "text/plain; charset=utf-8");
    headers.set("cache-control", "private, no-store");
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-request-id", stateOf(args).requestId);
    const message = body.message || "Something broke on our side.";
    return new Response(`${message}\nRequest ${body.requestId}\n`, { status: init?.status ?? 500, headers });
  }
}

function thrown(body: RefusalBody, status: number, retryAfter?: number) {
  return data(body, { status, headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) } });
}

const isThrownData = (error: unknown): error is ReturnType<typeof thrown> =>
  typeof error === "object" && error !== null && "type" in error && error.type === "DataWithResponseInit";

function signIn(request: Request): Response {
  const isRead = request.method === "GET" || request.method === "HEAD";
  const next = isRead ? pathOf(request) : refererPath(request);
  return redirect(pathTo.signIn({ next: next }), { status: isRead ? 302 : 303 });
}

/** An action-only route has no page to return to, so the sign-in returns to the form's page. */
function refererPath(request: Request): string {
  const referer = request.headers.get("referer");
  if (!referer || !URL.canParse(referer)) return "/";
  const url = new URL(referer);
  return `${url.pathname}${url.search}`;
}
