import type { IncomingMessage, ServerResponse } from "node:http";
import type { Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip } from "node:zlib";

const worthIt =
  /^(text\/|application\/(json|javascript|xml|manifest\+json|problem\+json|ld\+json|wasm)|image\/svg\+xml|font\/(ttf|otf))/i;
const minBytes = 1024;

export type Encoding = "br" | "gzip";

/** Returns the best encoding that the client accepts; undefined for none. */
export function encodingOf(request: IncomingMessage): Encoding | undefined {
  const header = request.headers["accept-encoding"];
  if (!header) return undefined;
  const accepted = new Map(
    String(header)
      .split(",")
      .map((each) => {
        const [name = "", quality = ""] = each.trim().split(/\s*;\s*q=/);
        return [name.toLowerCase(), quality === "" ? 1 : Number(quality)] as const;
      }),
  );
  const takes = (name: string) => (accepted.get(name) ?? accepted.get("*") ?? 0) > 0;
  return takes("br") ? "br" : takes("gzip") ? "gzip" : undefined;
}

/**
 * Compresses a response if it is worth it, and sets the headers.
 * @param bytes the body's length when known
 * @returns the stream to write the body to instead of the response
 */
export function compressor(request: IncomingMessage, response: ServerResponse, bytes?: number): Transform | undefined {
  const type = String(response.getHeader("content-type") ?? "");
  const noBody = request.method === "HEAD" || response.statusCode === 204 || response.statusCode === 304;
  if (!worthIt.test(type) || noBody || response.hasHeader("content-encoding") || response.statusCode === 206)
    return undefined;
  if (/no-transform/i.test(String(response.getHeader("cache-control") ?? ""))) return undefined;
  const vary = String(response.getHeader("vary") ?? "");
  if (!/accept-encoding|\*/i.test(vary))
    response.setHeader("vary", vary ? `${vary}, Accept-Encoding` : "Accept-Encoding");
  const encoding = bytes !== undefined && bytes < minBytes ? undefined : encodingOf(request);
  if (!encoding) return undefined;
  response.setHeader("content-encoding", encoding);
  response.removeHeader("content-length");
  const etag = response.getHeader("etag");
  if (typeof etag === "string" && !etag.startsWith("W/")) response.setHeader("etag", `W/${etag}`);
  const stream =
    encoding === "br"
      ? createBrotliCompress({
          flush: constants.BROTLI_OPERATION_FLUSH,
          params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
        })
      : createGzip({ level: 6, flush: constants.Z_SYNC_FLUSH });
  stream.pipe(response);
  response.once("close", () => stream.destroy());
  return stream;
}
