import { headerSafe } from "@lectern/core/kernel/path";
import { redirect as remixRedirect, redirectDocument as remixRedirectDocument } from "@remix-run/node";

/** As Remix's, for any address: Remix throws on one that is not Latin, a browser reads one in Latin 1 wrongly. */
export const redirect: typeof remixRedirect = (to, init) => remixRedirect(headerSafe(to), init);

/** As Remix's, for any address. The browser loads the next page afresh. */
export const redirectDocument: typeof remixRedirectDocument = (to, init) => remixRedirectDocument(headerSafe(to), init);
