import type { OpenAPIHono } from "@hono/zod-openapi";
import { send } from "./answer.ts";
import type { ApiContext, Env } from "./context.ts";
import { documentOf } from "./document.ts";
import { renderReference } from "./reference.ts";

const documents = new WeakMap<OpenAPIHono<Env>, { json: string; html: string }>();

/** Made on first use and kept: both change with the code only. */
function made(app: OpenAPIHono<Env>): { json: string; html: string } {
  const known = documents.get(app);
  if (known) return known;
  const json = documentOf(app);
  const fresh = { json, html: renderReference(JSON.parse(json)) };
  documents.set(app, fresh);
  return fresh;
}

const publicly = { "cache-control": "public, max-age=300" };

export function serveDocument(c: ApiContext, app: OpenAPIHono<Env>): Promise<Response> {
  c.set("pattern", "GET /openapi.json");
  return send(c, made(app).json, { status: 200, headers: publicly, etag: {} });
}

/** The reference needs no script and nothing from elsewhere, and says so to the browser. */
export function serveReference(c: ApiContext, app: OpenAPIHono<Env>): Promise<Response> {
  c.set("pattern", "GET /api/docs");
  return send(c, made(app).html, {
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
