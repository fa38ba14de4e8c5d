import { parse } from "@lectern/core/kernel/fn";
import type { z } from "zod";
import { HttpRefusal } from "./problem.ts";

/** No request of this API has a reason to be larger: files go straight to storage. */
export const maxBodyBytes = 1024 * 1024;

/**
 * The body as text, refused early: media type (415), size (413, counted while reading, whatever the header says).
 */
export async function readBody(request: Request): Promise<string> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/([a-z0-9.-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new HttpRefusal(415, "request.media_type", "Send the body as application/json.", undefined, {
      accept: "application/json",
    });
  }
  if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) throw tooLarge();
  if (!request.body) return "";
  // A body of known length is read at once; only a chunked one has to be counted as it comes.
  if (request.headers.has("content-length") && !request.headers.has("transfer-encoding")) {
    const text = await request.text();
    if (text.length > maxBodyBytes) throw tooLarge();
    return text;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    bytes += next.value.byteLength;
    if (bytes > maxBodyBytes) throw tooLarge();
    chunks.push(next.value);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const tooLarge = (): HttpRefusal =>
  new HttpRefusal(413, "request.too_large", "The body is larger than 1 MB. Upload files with a presigned address.");

/** Parses a JSON body. 400 when it is not JSON, 422 with the fields when it does not fit. */
export function parseBody<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  if (isTooDeep(text)) throw new HttpRefusal(422, "request.too_deep", `At most ${maxDepth} levels may be nested.`);
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, "request.malformed", "The body is not valid JSON.");
  }
  // Almost no text has these escapes, so almost none is walked.
  if (/\\u(0000|d[89a-f])/i.test(text)) refuseUnstorable(raw);
  return parse(schema, raw);
}

/** Nothing that the API takes has more than ten levels; schemas are walked level by level, so thousands end the stack. */
const maxDepth = 64;

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isQuoted) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isQuoted = false;
    } else if (code === 0x22) isQuoted = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

/** Parses a query string. A name given twice becomes a list. */
export function parseQuery<S extends z.ZodType>(schema: S, url: string): z.output<S> {
  const start = url.indexOf("?");
  if (start < 0) return parse(schema, {});
  const raw: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(url.slice(start))) {
    if (name === "__proto__") continue;
    const known = raw[name];
    raw[name] = known === undefined ? value : Array.isArray(known) ? [...known, value] : [known, value];
  }
  refuseUnstorable(raw);
  return parse(schema, { ...raw });
}

/** Postgres keeps neither NUL nor half a surrogate pair; what cannot be stored is refused where it comes in. */
function refuseUnstorable(root: unknown): void {
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value === "string") {
      if (value.includes("\0") || !value.isWellFormed()) {
        throw new HttpRefusal(422, "input.invalid", "The text holds characters that cannot be kept.");
      }
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) waiting.push(name, inner);
    }
  }
}
