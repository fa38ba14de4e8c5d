import { PassThrough, Writable } from "node:stream";
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

/**
 * The one switch. No page defers data, so streaming would begin no earlier and only cut the page into many small writes;
 * and a host may not be able to stream. "on" streams, to everyone but robots.
 */
const streams = process.env.LECTERN_STREAMING === "on";

export default function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remixContext: EntryContext,
  context: AppLoadContext,
): Promise<Response> {
  const args = { request, context };
  const { nonce, requestId } = stateOf(args);
  const isWhole = !streams || isbot(request.headers.get("user-agent"));
  return new Promise((resolve, reject) => {
    let answered = false;
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <RemixServer context={remixContext} url={request.url} abortDelay={streamTimeout} nonce={nonce} />
      </NonceContext.Provider>,
      {
        nonce,
        [isWhole ? "onAllReady" : "onShellReady"]() {
          answered = true;
          headers.set("content-type", "text/html; charset=utf-8");
          headers.set("content-security-policy", contentSecurityPolicy(args));
          applyHeaders(headers, args, status);
          const answer = (body: BodyInit) => resolve(new Response(body, { headers, status }));
          if (isWhole) {
            pipe(collect(answer));
            return;
          }
          const body = new PassThrough();
          answer(createReadableStreamFromReadable(body));
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

/** Takes everything that is written and hands it on in one piece. */
function collect(done: (whole: Uint8Array<ArrayBuffer>) => void): Writable {
  const chunks: Buffer[] = [];
  return new Writable({
    write(chunk: Buffer, _encoding, next) {
      chunks.push(chunk);
      next();
    },
    final(next) {
      done(Buffer.concat(chunks));
      next();
    },
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
