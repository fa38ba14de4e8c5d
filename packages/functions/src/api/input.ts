import { parse } from "@lectern/core/kernel/fn";
import type { z } from "zod";
import { HttpRefusal } from "./problem.ts";

/** Files go directly to storage, so no request needs more. */
export const maxBodyBytes = 1024 * 1024;

/**
 * Returns the body as text. Refuses a wrong media type (415) and too much data (413), counted while reading because
 * clients may lie in the header.
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
  // A body of known length is read at once; a chunked one is counted.
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

/** Parses a JSON body. Refuses malformed JSON with 400, and misfits with 422 and the fields. */
export function parseBody<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  if (isTooDeep(text)) throw new HttpRefusal(422, "request.too_deep", `At most ${maxDepth} levels may be nested.`);
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new HttpRefusal(400, "request.malformed", "The body is not valid JSON.");
  }
  // Few texts have these escapes, so few are walked.
  if (/\\u(0000|d[89a-f])/i.test(text)) refuseUnstorable(raw);
  return parse(schema, raw);
}

/** No schema has more than ten levels. Validation is recursive, so thousands of levels would overflow the stack. */
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

/** Parses a query string. Repeated names become a list. */
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

/** Postgres cannot store NUL or lone surrogates, so the API refuses them. */
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
