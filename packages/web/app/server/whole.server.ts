import { createHash } from "node:crypto";
import type { EntryContext } from "@remix-run/node";
import type { ReactElement } from "react";
import { renderToString } from "react-dom/server";

/**
 * Renders a page as one string. Loader data is complete before rendering begins, so nothing suspends, and React's
 * string renderer takes a third of the streaming renderer's time, which encodes each text node separately. The function
 * writes the loader data that `RemixServer` would stream before `</body>`, in the same format.
 * @param render the page, around the given context
 */
export async function renderWhole(
  context: EntryContext,
  nonce: string,
  render: (context: EntryContext) => ReactElement,
): Promise<Whole> {
  const { serverHandoffStream, ...page } = context;
  const html = renderToString(render(page));
  const needsData = serverHandoffStream && context.renderMeta?.didRenderScripts;
  const data = needsData ? await new Response(serverHandoffStream).text() : "";
  const scripts = needsData
    ? `<script nonce="${nonce}">window.__remixContext.streamController.enqueue(${escaped(JSON.stringify(data))});` +
      "window.__remixContext.streamController.close();</script>"
    : "";
  const end = html.lastIndexOf("</body>");
  const at = end < 0 ? html.length : end;
  const { text, hashes } = sealed(`<!DOCTYPE html>${html.slice(0, at)}${scripts}${html.slice(at)}`, nonce);
  return { body: Buffer.from(text), hashes };
}

export interface Whole {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Hashes that the page's CSP allows. */
  readonly hashes: { readonly script: readonly string[]; readonly style: readonly string[] };
}

/**
 * Removes the nonce from a page and returns the hash of each script and style that had it. All readers of a cached page
 * would know its nonce; a hash matches one text only.
 */
function sealed(page: string, nonce: string): { text: string; hashes: Whole["hashes"] } {
  const [first = "", ...rest] = page.split(` nonce="${nonce}"`);
  const hashes = { script: [] as string[], style: [] as string[] };
  let before = first;
  for (const after of rest) {
    const tag = before.slice(before.lastIndexOf("<"));
    const kind = tag.startsWith("<script") ? "script" : tag.startsWith("<style") ? "style" : undefined;
    const begin = after.indexOf(">") + 1;
    const end = kind ? after.indexOf(`</${kind}>`, begin) : -1;
    if (kind && end > begin)
      hashes[kind].push(`'sha256-${createHash("sha256").update(after.slice(begin, end)).digest("base64")}'`);
    before = after;
  }
  return { text: [first, ...rest].join(""), hashes };
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
