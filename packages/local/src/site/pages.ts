import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Edge } from "@lectern/core/kernel/edge";
import { createSiteHandler, measured } from "@lectern/web/handler";
import { createRequestHandler, type RequestHandler, type ServerBuild } from "@remix-run/node";
import { compressor } from "./compress.ts";

export type Pages = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function pages(
  build: ServerBuild | (() => Promise<ServerBuild>),
  mode: "production" | "development",
  door: (handle: RequestHandler) => RequestHandler = (handle) => handle,
): Pages {
  const handle = door(typeof build === "function" ? hot(build) : createSiteHandler(build, mode));
  return async (request, response) => {
    const answer = await handle(toRequest(request, response));
    await send(request, response, answer);
  };
}

/** A build that changes while it is served: read the routes per request. */
const hot =
  (build: () => Promise<ServerBuild>): RequestHandler =>
  async (request, context) =>
    measured(await build(), createRequestHandler(build, "development"))(request, context);

function toRequest(request: IncomingMessage, response: ServerResponse): Request {
  const headers = new Headers();
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const name = request.rawHeaders[at] ?? "";
    // Headers that the front set or removed override the client's.
    if (!name.startsWith(":") && !Edge.edgeOnlyHeaders.test(name.toLowerCase()))
      headers.append(name, request.rawHeaders[at + 1] ?? "");
  }
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === "string" && Edge.edgeOnlyHeaders.test(name)) headers.set(name, value);
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const url = `http://${request.headers.host ?? "localhost"}${request.url ?? "/"}`;
  const method = request.method ?? "GET";
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers, signal: gone.signal });
  const body = Readable.toWeb(request) as ReadableStream<Uint8Array>;
  return new Request(url, { method, headers, signal: gone.signal, body, duplex: "half" } as RequestInit);
}

async function send(request: IncomingMessage, response: ServerResponse, answer: Response): Promise<void> {
  response.statusCode = answer.status;
  if (answer.statusText) response.statusMessage = answer.statusText;
  answer.headers.forEach((value, name) => {
    if (name !== "set-cookie") response.setHeader(name, value);
  });
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  if (!answer.body || request.method === "HEAD") {
    await answer.body?.cancel();
    response.end();
    return;
  }
  const length = answer.headers.get("content-length");
  const packed = compressor(request, response, length === null ? undefined : Number(length));
  if (length !== null && !packed) {
    response.end(Buffer.from(await answer.arrayBuffer())); // already complete: nothing to stream
    return;
  }
  try {
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), packed ?? response);
  } catch (error) {
    // The client disconnected in the middle of the page.
    if (!response.destroyed && !request.destroyed) throw error;
  }
}
