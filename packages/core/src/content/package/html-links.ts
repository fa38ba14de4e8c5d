import { type Removed, sanitise } from "../html/index.ts";
import type { Change } from "../markdown/rewrite.ts";

/**
 * A page from outside as stored HTML: sanitised, its addresses changed. Addresses `change` leaves as they are must be safe
 * to stay, or they become plain text and placeholders.
 */
export function rewriteHtml(html: string, change: Change, cleaned: (removed: readonly Removed[]) => void): string {
  const result = sanitise(html, { resolve: (url, kind) => change(url, kind) });
  cleaned(result.removed);
  return result.html;
}
