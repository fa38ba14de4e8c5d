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
import { renderToPipeableStream } from "react-dom/server";
import { applyHeaders, contentSecurityPolicy } from "./server/headers.server.ts";
import { stateOf } from "./server/request.server.ts";
import { NonceContext } from "./util/nonce.ts";

/** Rendering that takes longer than this is given up. */
export const streamTimeout = 8_000;

/** The one switch: where a host cannot stream, the page is sent whole. */
const streams = process.env.LECTERN_STREAMING !== "off";

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  context: AppLoadContext,
): Promise<Response> {
  const args = { request, context };
  const { nonce, requestId } = stateOf(args);
  const waitForAll = !streams || isbot(request.headers.get("user-agent"));
  return new Promise((resolve, reject) => {
    let answered = false;
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} abortDelay={streamTimeout} nonce={nonce} />
      </NonceContext.Provider>,
      {
        nonce,
        [waitForAll ? "onAllReady" : "onShellReady"]() {
          answered = true;
          const body = new PassThrough();
          headers.set("content-type", "text/html; charset=utf-8");
          headers.set("content-security-policy", contentSecurityPolicy(args));
          applyHeaders(headers, args, status);
          resolve(new Response(createReadableStreamFromReadable(body), { headers, status }));
          pipe(body);
        },
        onShellError: reject,
        onError(error: unknown) {
          status = 500;
          // Errors of the shell reach handleError by themselves.
          if (answered && !request.signal.aborted) log.error({ err: error, requestId }, "rendering failed");
        },
      },
    );
    setTimeout(abort, streamTimeout + 1_000).unref();
  });
}

export const handleDataRequest: HandleDataRequestFunction = (response, args) => {
  applyHeaders(response.headers, args, response.status);
  return response;
};

export const handleError: HandleErrorFunction = (error, args) => {
  if (args.request.signal.aborted) return;
  // A refusal is an answer, not a fault.
  if (isRouteErrorResponse(error) && error.status < 500) return;
  const { requestId } = stateOf(args);
  log.error({ err: error, requestId, path: new URL(args.request.url).pathname }, "page failed");
};
