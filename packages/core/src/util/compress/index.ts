import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

export type Encoding = "br" | "gzip";

/** Below this a compressed body is hardly smaller and costs more than it saves. */
export const compressFrom = 1024;

/**
 * Returns the encoding for a client's Accept-Encoding (RFC 9110): the highest weight wins, br before gzip on a tie.
 * Undefined means uncompressed.
 */
export function chooseEncoding(accept: string | null | undefined): Encoding | undefined {
  if (!accept) return undefined;
  const weights = new Map<string, number>();
  for (const part of accept.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((word) => word.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    const value = weight === undefined ? 1 : Number(weight.slice(2));
    weights.set(name, Number.isFinite(value) ? value : 0);
  }
  const weightOf = (name: string): number => weights.get(name) ?? weights.get("*") ?? 0;
  const [br, gz] = [weightOf("br"), weightOf("gzip")];
  if (br <= 0 && gz <= 0) return undefined;
  return br >= gz ? "br" : "gzip";
}

/** Only text gains; images, archives and fonts are compressed already. */
export const isCompressible = (contentType: string | null | undefined): boolean =>
  /^(text\/|application\/(json|javascript|xml|manifest\+json|problem\+json|[a-z.-]+\+(json|xml))|image\/svg\+xml)/i.test(
    contentType ?? "",
  );

/**
 * Compresses off the event loop. Brotli's quality 4 is about as fast as gzip and smaller; 5 and above double the time
 * for two percent.
 */
export async function compress(body: string | Uint8Array, encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  if (encoding === "gzip") return new Uint8Array(await zip(bytes, { level: 6 }));
  return new Uint8Array(
    await brotli(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 4,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
      },
    }),
  );
}

export * as Compress from "./index.ts";
