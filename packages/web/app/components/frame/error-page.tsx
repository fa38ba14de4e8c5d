import { isRouteErrorResponse, useRouteError } from "@remix-run/react";
import type { ReactNode } from "react";
import { common } from "../../messages/en/common.ts";
import { errors } from "../../messages/en/errors.ts";
import type { RefusalBody } from "../../server/refusal.server.ts";
import { buttonClass } from "../ui/button.tsx";
import { type Help, useMaybeFrame } from "./frame-data.ts";
import { LecternMark } from "./mark.tsx";

interface Words {
  title: string;
  body: string;
  action?: ReactNode;
}

const link = (href: string, words: string) => (
  <a href={href} className={buttonClass("secondary")}>
    {words}
  </a>
);

/** Returns the title and text for a status. A route may pass its own. */
function wordsOf(status: number, { code, message, platformUrl }: RefusalBody): Words {
  if (code === "host.unknown")
    return {
      title: errors("unknownHostTitle"),
      body: errors("unknownHostBody"),
      action: (
        <a href={new URL("/find-my-school", platformUrl).href} className={buttonClass()}>
          {errors("findMySchool")}
        </a>
      ),
    };
  if (code.startsWith("school.")) return { title: errors("suspendedTitle"), body: errors("suspendedBody") };
  switch (status) {
    case 401:
    case 403:
      return {
        title: errors("forbiddenTitle"),
        body: message || errors("forbiddenBody"),
        action: link("/", errors("goHome")),
      };
    case 404:
      return { title: errors("notFoundTitle"), body: errors("notFoundBody"), action: link("/", errors("goHome")) };
    case 410:
      return { title: errors("goneTitle"), body: message || errors("goneBody"), action: link("/", errors("goHome")) };
    case 429:
      return { title: errors("busyTitle"), body: message || errors("busyBody") };
    case 503:
      return {
        title: errors("unavailableTitle"),
        body: errors("unavailableBody"),
        action: link("", errors("tryAgain")),
      };
    default:
      return status < 500
        ? {
            title: message || errors("notFoundTitle"),
            body: errors("refusedBody"),
            action: link("/", errors("goHome")),
          }
        : { title: errors("brokenTitle"), body: errors("brokenBody"), action: link("", errors("tryAgain")) };
  }
}

const offline: Words = {
  title: errors("offlineTitle"),
  body: errors("offlineBody"),
  action: link("", errors("tryAgain")),
};

const noHelp: Help = { school: null, platform: null };

/** Returns the status and body that the nearest boundary caught; a bug has status 500. */
export function useRefusal(): { status: number; body: RefusalBody } {
  const error = useRouteError();
  const frame = useMaybeFrame();
  const { requestId = "", help = noHelp, platformUrl = "/" } = frame ?? {};
  const fallback = { code: "bug", message: "", requestId, help, platformUrl };
  if (!isRouteErrorResponse(error)) return { status: 500, body: fallback };
  const body: unknown = error.data;
  const isBody = typeof body === "object" && body !== null && "code" in body;
  return {
    status: error.status,
    body: isBody
      ? { ...fallback, ...(body as RefusalBody), help: frame?.help ?? (body as RefusalBody).help ?? noHelp }
      : { ...fallback, code: "http" },
  };
}

/** Links to the school's contact, or to the platform's where there is no school or it is closed. */
function HelpLinks({ body: { code, help, requestId } }: { body: RefusalBody }) {
  const isClosed = code.startsWith("school.");
  const at = (href: string) =>
    href.startsWith("mailto:") && requestId ? `${href}?subject=${encodeURIComponent(`Request ${requestId}`)}` : href;
  return (
    <>
      {help.school && link(at(help.school), errors("contactSchool"))}
      {help.platform && (isClosed || !help.school) && link(at(help.platform), errors("contactSupport"))}
    </>
  );
}

/** Renders an error: what happened, what is safe, what to do, and the request id. */
export function ErrorPage({ words = {} }: { words?: Partial<Record<number, Words>> }) {
  const { status, body } = useRefusal();
  const isOffline = status === 500 && typeof navigator !== "undefined" && navigator.onLine === false;
  const said = isOffline ? offline : (words[status] ?? wordsOf(status, body));
  return (
    <div data-error-page className="mx-auto grid max-w-xl gap-4 py-12 md:py-20">
      {body.code === "host.unknown" && <LecternMark to={body.platformUrl} />}
      {!isOffline && <p className="font-mono text-sm text-muted tabular-nums">{status}</p>}
      <h1 className="font-read text-3xl font-medium">{said.title}</h1>
      <p className="text-lg text-soft">{said.body}</p>
      {(said.action || !isOffline) && (
        <div className="mt-2 flex flex-wrap gap-3">
          {said.action}
          {!isOffline && <HelpLinks body={body} />}
        </div>
      )}
      {body.requestId && (
        <p className="mt-6 border-t border-line pt-4 font-mono text-xs text-muted" suppressHydrationWarning>
          {common("requestId", { id: body.requestId })}
        </p>
      )}
    </div>
  );
}
