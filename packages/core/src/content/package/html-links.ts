import { type Removed, sanitise } from "../html/index.ts";
import type { Change } from "../markdown/rewrite.ts";

/**
 * Sanitizes a foreign page and changes its addresses. Unsafe addresses that `change` keeps become plain text and
 * placeholders.
 */
export function rewriteHtml(html: string, change: Change, cleaned: (removed: readonly Removed[]) => void): string {
  const result = sanitise(html, { resolve: (url, kind) => change(url, kind) });
  cleaned(result.removed);
  return result.html;
}
