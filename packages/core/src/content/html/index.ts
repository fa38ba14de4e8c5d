import { DomainError } from "../../kernel/error/index.ts";
import { flow } from "./blocks.ts";
import { filter, type Removed } from "./filter.ts";
import { english, inline, type Resolve, type Words } from "./inline.ts";
import { type Node, parseFragment, rebuild, serialise } from "./node.ts";
import { labelTables, levelHeadings, linkIds, withValidId } from "./outline.ts";

export type { Removed } from "./filter.ts";
export type { Resolve, Words } from "./inline.ts";
export { embeddedPage, hostOf, isExternal, isPictureOfWords, safeUrl } from "./url.ts";

export interface SanitiseOptions {
  /** Called for every link and image; see `Resolve`. Without it safe addresses stay. */
  readonly resolve?: Resolve;
  /** The few words the sanitiser writes itself. English when left out. */
  readonly words?: Words;
}

/** Longer pages are not lessons; they would only keep the server busy. */
export const maxHtml = 4 * 1024 * 1024;

/**
 * Sanitizes foreign HTML for reading: no scripts, no styles, and a structure that screen readers can navigate.
 * Sanitizing the result again changes nothing. Refuses more than 4 MB as `html.too_large`.
 */
export function sanitise(html: string, options: SanitiseOptions = {}): { html: string; removed: Removed[] } {
  if (html.length > maxHtml) throw new DomainError("invalid", "html.too_large", "The page is longer than 4 MB.");
  const words = options.words ?? english;
  const filtered = filter(html.replaceAll("\0", ""));
  let result = structure(filtered.html, options.resolve, words);
  // One repair can require another in contrived markup, so it repeats until nothing changes.
  for (let pass = 0; pass < 4; pass++) {
    const next = structure(result, undefined, words);
    if (next === result) break;
    result = next;
  }
  return { html: result, removed: filtered.removed };
}

/** Second step, on allowed markup only: addresses, blocks, headings, ids and tables in order. */
function structure(html: string, resolve: Resolve | undefined, words: Words): string {
  const parsed = rebuild(parseFragment(html), (node) => inline(withValidId(node), resolve, words));
  return write(labelTables(linkIds(levelHeadings(flow(parsed, words))), words));
}

/** One block a line, so that a stored lesson can be read and compared. */
const write = (nodes: readonly Node[]): string => nodes.map((node) => serialise([node])).join("\n");
