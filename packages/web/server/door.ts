import { Edge } from "@lectern/core/kernel/edge";
import { type DomainError, isDomainError, statusOf } from "@lectern/core/kernel/error";
import { Form } from "@lectern/core/kernel/form";
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
    const admitted = await withReadForm(new Request(request, { headers }));
    return admitted instanceof Response ? admitted : kept(await serve(admitted, context));
  };

/** The editors of long text: 300 KB of any script are three times as long in a form. */
const longForm = /^\/(?:studio\/courses\/[^/]+(?:\/details|\/lessons\/[^/]+)?|admin\/legal)(?:\.data)?\/?$/;
const maxLongForm = 1024 * 1024;

/** The request with its form read and within the limits, or the refusal. */
async function withReadForm(request: Request): Promise<Request | Response> {
  if (request.method === "GET" || request.method === "HEAD") return request;
  const { url, method, headers, signal } = request;
  try {
    const most = longForm.test(new URL(url).pathname) ? maxLongForm : Form.maxBytes;
    const body = await Form.read(request, most);
    return new Request(url, { method, headers, signal, body: body.length > 0 ? new Uint8Array(body) : null });
  } catch (error) {
    if (isDomainError(error)) return refusedForm(error, headers);
    throw error;
  }
}

function refusedForm({ kind, code, message }: DomainError, headers: Headers): Response {
  const status = statusOf(kind);
  const isProgram = headers.get("accept")?.includes("application/json") ?? false;
  return new Response(isProgram ? JSON.stringify({ code, message }) : message, {
    status,
    headers: {
      "content-type": isProgram ? "application/json" : "text/plain; charset=utf-8",
      "cache-control": "private, no-store",
      "x-content-type-options": "nosniff",
      "x-error-code": code,
    },
  });
}

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
