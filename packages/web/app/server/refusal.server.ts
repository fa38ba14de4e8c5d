import type { Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { type DomainError, isDomainError, refusalIn, statusOf } from "@lectern/core/kernel/error";
import { log } from "@lectern/core/kernel/log";
import { pathTo } from "@lectern/core/kernel/path";
import { Trace } from "@lectern/core/kernel/trace";
import { Url } from "@lectern/core/kernel/url";
import { Legal } from "@lectern/core/legal";
import { data } from "@remix-run/node";
import type { Help } from "../components/frame/frame-data.ts";
import { applyToRedirect } from "./headers.server.ts";
import { redirect } from "./redirect.server.ts";
import { hostOf, pathOf, type RequestArgs, stateOf } from "./request.server.ts";

/** What an error page is given of a refusal. */
export interface RefusalBody {
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  /** For a page without a frame: there is no school at its host, or none that is open. */
  readonly help: Help;
  readonly platformUrl: string;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly status: number;
}

/** Waits for the work: undefined when it was done, what was refused when it was refused. A bug is thrown on. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!isDomainError(error)) throw error;
    // These are not about what was typed: they get their page.
    if (error.kind === "unauthenticated" || error.kind === "suspended") throw error;
    return toRefusal(error);
  }
}

/** What a page can do without: `instead` when the part that keeps it is away. A bug, or a refusal of another kind, is thrown on. */
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

/** As `refusalOf`, for work whose result the page needs. */
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
 * Runs a loader's or an action's work. A refusal becomes the nearest error page with its status; a visitor who must sign in
 * is sent to do so; a bug is logged and becomes a 500 that says the request's id and nothing else.
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

/** Who can help at a school; without one, who runs the platform. */
export const helpOf = (school?: Pick<Route, "legal" | "contactEmail">): Help => ({
  school: (school && Legal.linksOf(school, (path) => path).find(({ page }) => page === "contact")?.href) ?? null,
  platform: Url.platformLegal().contact ?? null,
});

/** A school that is closed answers mail and not its pages. */
async function helpFor(args: RequestArgs, code: string): Promise<Pick<RefusalBody, "help" | "platformUrl">> {
  const platformUrl = Url.platformUrl("/");
  if (!code.startsWith("school.")) return { help: helpOf(), platformUrl };
  const route = await Directory.byHost(hostOf(args.request)).catch(() => undefined);
  return { help: helpOf({ legal: {}, contactEmail: route?.contactEmail ?? null }), platformUrl };
}

/** As `refusing` has thrown it, for an address that answers with a file instead of a page: one line, and the request's id. */
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

/** A form's own address may have no page to come back to, so the page it stood on is used. */
function refererPath(request: Request): string {
  const referer = request.headers.get("referer");
  if (!referer || !URL.canParse(referer)) return "/";
  const url = new URL(referer);
  return `${url.pathname}${url.search}`;
}
