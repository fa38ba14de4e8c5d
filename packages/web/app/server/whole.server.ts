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
): Promise<Uint8Array<ArrayBuffer>> {
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
  return Buffer.from(`<!DOCTYPE html>${html.slice(0, at)}${scripts}${html.slice(at)}`);
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
