import { send } from "./answer.ts";
import type { ApiContext } from "./context.ts";
import { documentOf } from "./document.ts";
import { endpoints } from "./endpoints.ts";
import { renderReference } from "./reference.ts";

let kept: string | undefined;

/** Returns the document, cached because only a release changes it. */
function document(): string {
  kept ??= documentOf(endpoints);
  return kept;
}

/** On a school's host the title names the school, because its people do not know the platform. */
const titleOf = (c: ApiContext): string => {
  const school = c.get("school");
  return school ? `${school.name} API` : "Lectern API";
};

const publicly = { "cache-control": "public, max-age=300" };

export function serveDocument(c: ApiContext): Promise<Response> {
  c.set("pattern", "GET /openapi.json");
  return send(c, document(), { status: 200, headers: publicly, etag: {} });
}

/** Serves the reference with a CSP that permits no scripts and no foreign resources. */
export function serveReference(c: ApiContext): Promise<Response> {
  c.set("pattern", "GET /api/docs");
  const { info, ...rest } = JSON.parse(document());
  return send(c, renderReference({ ...rest, info: { ...info, title: titleOf(c) } }), {
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
