import { headerSafe } from "@lectern/core/kernel/path";
import { redirect as remixRedirect, redirectDocument as remixRedirectDocument } from "@remix-run/node";

/**
 * Redirects as Remix does, to any address. Remix throws on characters outside Latin-1, and browsers misread Latin-1
 * ones.
 */
export const redirect: typeof remixRedirect = (to, init) => remixRedirect(headerSafe(to), init);

/** Like `redirect`, with a full document load. */
export const redirectDocument: typeof remixRedirectDocument = (to, init) => remixRedirectDocument(headerSafe(to), init);
