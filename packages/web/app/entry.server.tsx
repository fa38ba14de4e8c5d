import { PassThrough } from "node:stream";
import { log } from "@lectern/core/kernel/log";
import {
  type AppLoadContext,
  createReadableStreamFromReadable,
  type EntryContext,
  type HandleDataRequestFunction,
  type HandleErrorFunction,
} from "@remix-run/node";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import type { ReactElement } from "react";
import { renderToPipeableStream } from "react-dom/server";
import { applyHeaders, contentSecurityPolicy } from "./server/headers.server.ts";
import { type RequestArgs, stateOf } from "./server/request.server.ts";
import { renderWhole, type Whole } from "./server/whole.server.ts";
import { NonceContext } from "./util/nonce.ts";

/** Milliseconds until a streamed render is aborted. */
export const streamTimeout = 8_000;

/**
 * "on" streams pages to everyone but bots. Off by default: no page defers data, so streaming starts no earlier and
 * sends many small writes, and some hosts cannot stream.
 */
const streams = process.env.LECTERN_STREAMING === "on";

export default async function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  context: AppLoadContext,
): Promise<Response> {
  const args = { request, context };
  const { nonce } = stateOf(args);
  const page = (data: EntryContext) => (
    <NonceContext.Provider value={nonce}>
      <RemixServer context={data} url={request.url} abortDelay={streamTimeout} nonce={nonce} />
    </NonceContext.Provider>
  );
  headers.set("content-type", "text/html; charset=utf-8");
  if (!streams || isbot(request.headers.get("user-agent"))) {
    const whole = await renderWhole(remixContext, nonce, page);
    headers.set("content-security-policy", contentSecurityPolicy(args, whole.hashes));
    headers.set("content-length", String(whole.body.byteLength));
    applyHeaders(headers, args, status);
    return new Response(whole.body, { headers, status });
  }
  // A nonce belongs to one response, so `cachePolicy` must not let caches store this page.
  headers.set("content-security-policy", contentSecurityPolicy(args, noncesOf(nonce)));
  headers.set("cache-control", "private, no-store");
  const body = await renderStreamed(page(remixContext), args);
  applyHeaders(headers, args, status);
  return new Response(body, { headers, status });
}

const noncesOf = (nonce: string): Whole["hashes"] => ({ script: [`'nonce-${nonce}'`], style: [`'nonce-${nonce}'`] });

/** Resolves as soon as the shell is rendered. */
function renderStreamed(page: ReactElement, args: RequestArgs): Promise<ReadableStream> {
  const { nonce, requestId } = stateOf(args);
  return new Promise((resolve, reject) => {
    let answered = false;
    const { pipe, abort } = renderToPipeableStream(page, {
      nonce,
      onShellReady() {
        answered = true;
        const body = new PassThrough();
        resolve(createReadableStreamFromReadable(body));
        pipe(body);
      },
      onShellError: reject,
      onError(error: unknown) {
        // Remix passes errors of the shell to handleError.
        if (answered && !args.request.signal.aborted) log.error({ err: error, requestId }, "rendering failed");
      },
    });
    setTimeout(abort, streamTimeout + 1_000).unref();
  });
}

export const handleDataRequest: HandleDataRequestFunction = (response, args) => {
  applyHeaders(response.headers, args, response.status);
  return response;
};

export const handleError: HandleErrorFunction = (error, args) => {
  if (args.request.signal.aborted) return;
  if (isRouteErrorResponse(error) && error.status < 500) return;
  const { requestId } = stateOf(args);
  log.error({ err: error, requestId, path: new URL(args.request.url).pathname }, "page failed");
};
