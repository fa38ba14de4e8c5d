import { send } from "./answer.ts";
import type { ApiContext } from "./context.ts";
import { documentOf } from "./document.ts";
import { endpoints } from "./endpoints.ts";
import { renderReference } from "./reference.ts";

let documents: { readonly json: string; readonly html: string } | undefined;

/** Made on first use and kept: both change with the code only. */
function made(): { readonly json: string; readonly html: string } {
  if (documents) return documents;
  const json = documentOf(endpoints);
  documents = { json, html: renderReference(JSON.parse(json)) };
  return documents;
}

const publicly = { "cache-control": "public, max-age=300" };

export function serveDocument(c: ApiContext): Promise<Response> {
  c.set("pattern", "GET /openapi.json");
  return send(c, made().json, { status: 200, headers: publicly, etag: {} });
}

/** The reference needs no script and nothing from elsewhere, and says so to the browser. */
export function serveReference(c: ApiContext): Promise<Response> {
  c.set("pattern", "GET /api/docs");
  return send(c, made().html, {
    status: 200,
    type: "text/html; charset=utf-8",
    headers: {
      ...publicly,
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    },
    etag: {},
  });
}
