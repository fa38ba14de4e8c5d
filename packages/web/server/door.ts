import { Edge } from "@lectern/core/kernel/edge";
import type { RequestHandler } from "@remix-run/node";

/**
 * The site as the world reaches it: only what comes through the edge is served. The address of the function is public, and
 * without the edge nobody vouches for the host that a request names.
 */
export const behindEdge =
  (serve: RequestHandler): RequestHandler =>
  async (request, context) => {
    const headers = Edge.admit(request.headers);
    if (!headers) return refused();
    setForeignOriginAside(headers);
    return kept(await serve(new Request(request, { headers }), context));
  };

/** A route that answers by itself and says nothing of who may keep its answer, means nobody. */
function kept(answer: Response): Response {
  if (answer.headers.has("cache-control")) return answer;
  const headers = new Headers(answer.headers);
  headers.set("cache-control", "private, no-store");
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

/** Remix answers a form of another site with an empty 500. Under this name the site sees it and gives its own page. */
function setForeignOriginAside(headers: Headers): void {
  const origin = headers.get("origin");
  if (origin === null || hostOf(origin) === (headers.get("x-forwarded-host") ?? headers.get("host"))) return;
  headers.delete("origin");
  headers.set("x-foreign-origin", origin);
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);

const refused = (): Response =>
  new Response("Please use the public address of this site.", {
    status: 403,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "private, no-store" },
  });
