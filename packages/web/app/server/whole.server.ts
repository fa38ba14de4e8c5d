import { createHash } from "node:crypto";
import type { EntryContext } from "@remix-run/node";
import type { ReactElement } from "react";
import { renderToString } from "react-dom/server";

/**
 * A page in one piece. Loader data is complete before rendering begins, so nothing can suspend, and React's string renderer
 * takes a third of the time that its streaming one does (it encodes each text node by itself). What `RemixServer` would
 * stream behind the page, the loaders' data for the browser, is written before `</body>` in the same words.
 * @param render the page, around the context that it is given
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
  /** What the policy of the page allows, by the hash of its text. */
  readonly hashes: { readonly script: readonly string[]; readonly style: readonly string[] };
}

/**
 * Takes the nonce out of a page and names the hash of each script and style that had it instead. A page that the edge keeps is
 * given to everybody, so everybody would know its nonce; a hash is good for one text only.
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
/** JSON as it may stand in a script: nothing in it ends the script or begins a comment. */
const escaped = (json: string): string => json.replace(/[&><\u2028\u2029]/g, (character) => escapes[character] ?? "");
