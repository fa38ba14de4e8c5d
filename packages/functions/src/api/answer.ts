import { Directory } from "@lectern/core/kernel/directory";
import { chooseEncoding, compress, compressFrom } from "@lectern/core/util/compress";
import { Resource } from "sst";
import type { ApiContext } from "./context.ts";
import { etagOf, isKnown } from "./etag.ts";
import type { Refusal } from "./problem.ts";

const secure = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-site",
} as const;
const closed = "default-src 'none'; frame-ancestors 'none'";

/** Returns the headers of every response. */
function headersOf(c: ApiContext): Record<string, string> {
  const headers: Record<string, string> = {
    "x-request-id": c.get("requestId"),
    "content-security-policy": closed,
    ...secure,
  };
  if (Resource.Platform.protocol === "https") {
    headers["strict-transport-security"] = Directory.strictTransport(c.get("host") ?? "");
  }
  const origin = c.get("origin");
  if (origin !== undefined) {
    headers["access-control-allow-origin"] = origin;
    headers["access-control-expose-headers"] = exposed;
  }
  const taken = c.get("taken");
  if (taken) {
    headers["ratelimit-limit"] = String(taken.limit);
    headers["ratelimit-remaining"] = String(taken.remaining);
    headers["ratelimit-reset"] = String(taken.resetSeconds);
  }
  const queries = c.get("queries");
  if (queries !== undefined) headers["x-lectern-queries"] = String(queries);
  return headers;
}

const exposed =
  "etag, x-request-id, ratelimit-limit, ratelimit-remaining, ratelimit-reset, retry-after, location, idempotency-replayed";

interface Sent {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Adds an ETag, prefixed with the row's `version` if it has one. */
  readonly etag?: { readonly version?: number | undefined };
}

/** Sends text with ETag, 304 handling, compression over 1 KB and all headers. */
export async function send(c: ApiContext, text: string | null, sent: Sent): Promise<Response> {
  const headers = headersOf(c);
  headers.vary = "Origin, Accept-Encoding, Authorization";
  headers["cache-control"] = "private, no-store";
  if (sent.headers) Object.assign(headers, sent.headers);
  if (text === null) return new Response(null, { status: sent.status, headers });
  if (sent.etag) {
    const etag = etagOf(text, sent.etag.version);
    headers.etag = etag;
    headers["cache-control"] = sent.headers?.["cache-control"] ?? "private, no-cache";
    const isRead = c.req.method === "GET" || c.req.method === "HEAD";
    if (isRead && isKnown(c.req.header("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  }
  c.set("bytesOut", Buffer.byteLength(text));
  headers["content-type"] = sent.type ?? "application/json; charset=utf-8";
  const encoding = text.length < compressFrom ? undefined : chooseEncoding(c.req.header("accept-encoding"));
  if (!encoding) return new Response(text, { status: sent.status, headers });
  headers["content-encoding"] = encoding;
  if (headers.etag) headers.etag = `${headers.etag.slice(0, -1)}-${encoding}"`;
  return new Response(await compress(text, encoding), { status: sent.status, headers });
}

export function sendProblem(c: ApiContext, refusal: Refusal): Response {
  const { code, message, fields } = refusal;
  const body = { code, message, requestId: c.get("requestId"), ...(fields ? { fields } : {}) };
  const text = JSON.stringify(body);
  c.set("bytesOut", Buffer.byteLength(text));
  return new Response(text, {
    status: refusal.status,
    headers: {
      ...headersOf(c),
      vary: "Origin, Accept-Encoding, Authorization",
      "cache-control": "private, no-store",
      "content-type": "application/json; charset=utf-8",
      ...refusal.headers,
    },
  });
}
