import { DomainError } from "@lectern/core/kernel/error";
import { hostOf } from "./request.server.ts";

/** Where what serves the pages puts an origin that is not the host's (`site/pages.ts` on a local stage). */
const foreignOrigin = "x-foreign-origin";

/**
 * Refuses a form sent from another site. Browsers say where a request comes from with Origin and Sec-Fetch-Site, and
 * scripts cannot change either. A caller that says neither is not a browser and carries nobody's cookies. An origin that is
 * not the host's comes under a name of its own: Remix itself would answer it with an empty 500.
 */
export function requireSameOrigin(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  if (site && site !== "same-origin" && site !== "none") throw crossSite();
  const origin = request.headers.get(foreignOrigin) ?? request.headers.get("origin");
  if (origin === null) return;
  let host: string;
  try {
    host = new URL(origin).host;
  } catch {
    throw crossSite(); // "null": a sandboxed frame or a redirect over another site
  }
  if (host.toLowerCase() !== hostOf(request).toLowerCase()) throw crossSite();
}

const crossSite = () =>
  new DomainError("forbidden", "request.cross_site", "That form was sent from another site, so it was not accepted.");
