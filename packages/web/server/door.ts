import { Directory } from "@lectern/core/kernel/directory";
import { Edge } from "@lectern/core/kernel/edge";
import { type DomainError, isDomainError, statusOf } from "@lectern/core/kernel/error";
import { beforeFreeze } from "@lectern/core/kernel/event";
import { Form } from "@lectern/core/kernel/form";
import type { RequestHandler } from "@remix-run/node";
import { Resource } from "sst";

/**
 * Serves only requests that come through the edge. The function's URL is public, and only the edge guarantees the host
 * that a request names.
 */
export const behindEdge =
  (serve: RequestHandler): RequestHandler =>
  async (request, context) => {
    const headers = Edge.admit(request.headers);
    if (!headers) return refused();
    setForeignOriginAside(headers);
    const admitted = await withReadForm(new Request(request, { headers }));
    return withPolicies(
      admitted instanceof Response ? admitted : await beforeFreeze(() => serve(admitted, context)),
      headers,
    );
  };

/** Editors of long text: 300 KB of a non-Latin script triple in a form's encoding. */
const longForm = /^\/(?:studio\/courses\/[^/]+(?:\/details|\/lessons\/[^/]+)?|admin\/legal)(?:\.data)?\/?$/;
const maxLongForm = 1024 * 1024;

/** Returns the request with its form read within the limits, or the refusal. */
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
      "x-error-code": code,
    },
  });
}

/** Security headers of every response, whatever route made it. */
const policies = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "strict-origin-when-cross-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  "cross-origin-opener-policy": "same-origin",
};

/** Sets security headers. A response without its own CSP may load nothing; one without a cache policy is not stored. */
function withPolicies(answer: Response, asked: Headers): Response {
  const { headers } = answer;
  for (const [name, value] of Object.entries(policies)) headers.set(name, value);
  if (Resource.Platform.protocol === "https") {
    const host = asked.get("x-forwarded-host") ?? asked.get("host") ?? "";
    headers.set("strict-transport-security", Directory.strictTransport(host));
  }
  if (!headers.has("content-security-policy"))
    headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  if (!headers.has("cache-control")) headers.set("cache-control", "private, no-store");
  return answer;
}

/**
 * Remix answers a cross-site form with an empty 500. Under this header the site sees the origin and serves its own
 * page.
 */
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
