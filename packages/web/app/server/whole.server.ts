import { createHash } from "node:crypto";
import type { EntryContext } from "@remix-run/node";
import type { ReactElement } from "react";
import { renderToString } from "react-dom/server";

/**
 * Renders a page as one string. Loader data is complete before rendering begins, so nothing suspends, and React's
 * string renderer takes a third of the streaming renderer's time, which encodes each text node separately. The function
 * writes the loader data that `RemixServer` would stream before `</body>`, in the same format.
 *
 * Removes the nonce from the page and returns the hash of each script and style that had it. All readers of a cached
 * page would know its nonce; a hash matches one text only. The page is cut into parts and encoded once: each further
 * copy of a page of 100 KB costs as much as rendering its rows.
 * @param render the page, around the given context
 */
export async function renderWhole(
  context: EntryContext,
  nonce: string,
  render: (context: EntryContext) => ReactElement,
): Promise<Whole> {
  const { serverHandoffStream, ...page } = context;
  const html = renderToString(render(page));
  const end = html.lastIndexOf("</body>");
  const body = end < 0 ? html.length : end;
  const parts = ["<!DOCTYPE html>"];
  const hashes = { script: [] as string[], style: [] as string[] };
  const attribute = ` nonce="${nonce}"`;
  let from = 0;
  for (let at = html.indexOf(attribute); at >= 0; at = html.indexOf(attribute, from)) {
    parts.push(html.slice(from, at));
    const tag = html.slice(html.lastIndexOf("<", at), at);
    from = at + attribute.length;
    const kind = tag.startsWith("<script") ? "script" : tag.startsWith("<style") ? "style" : undefined;
    const begin = html.indexOf(">", from) + 1;
    const close = kind ? html.indexOf(`</${kind}>`, begin) : -1;
    if (kind && close > begin) hashes[kind].push(hashOf(html.slice(begin, close)));
  }
  parts.push(html.slice(from, body));
  if (serverHandoffStream && context.renderMeta?.didRenderScripts) {
    const data = escaped(JSON.stringify(await new Response(serverHandoffStream).text()));
    const script = `window.__remixContext.streamController.enqueue(${data});window.__remixContext.streamController.close();`;
    hashes.script.push(hashOf(script));
    parts.push("<script>", script, "</script>");
  }
  parts.push(html.slice(body));
  return { body: encoded(parts), hashes };
}

export interface Whole {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Hashes that the page's CSP allows. */
  readonly hashes: { readonly script: readonly string[]; readonly style: readonly string[] };
}

const hashOf = (content: string): string => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;

function encoded(parts: readonly string[]): Buffer<ArrayBuffer> {
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0));
  let at = 0;
  for (const part of parts) at += bytes.write(part, at);
  return bytes;
}

const escapes: Record<string, string> = {
  "&": "\\u0026",
  ">": "\\u003e",
  "<": "\\u003c",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};
/** Escapes JSON for a script element, so that it cannot end the script or begin a comment. */
const escaped = (json: string): string => json.replace(/[&><\u2028\u2029]/g, (character) => escapes[character] ?? "");
