import { DomainError } from "@lectern/core/kernel/error";
import { hostOf } from "./request.server.ts";

/** Header for an Origin that differs from the host (`server/door.ts`). */
const foreignOrigin = "x-foreign-origin";

/**
 * Refuses cross-site forms by Origin and Sec-Fetch-Site, which scripts cannot forge. A request with neither does not
 * come from a browser, so it carries no victim's cookies. A foreign origin arrives in a header of our own, because
 * Remix would answer it with an empty 500.
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
    throw crossSite(); // "null": a sandboxed frame, or a redirect across sites
  }
  if (host.toLowerCase() !== hostOf(request).toLowerCase()) throw crossSite();
}

const crossSite = () =>
  new DomainError("forbidden", "request.cross_site", "That form was sent from another site, so it was not accepted.");
