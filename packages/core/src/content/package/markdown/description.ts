import { splitFrontMatter } from "../../markdown/index.ts";
import { parser, plainText } from "../../markdown/parser.ts";
import type { Page } from "./pages.ts";

/** Returns the first real sentences under a page's main heading: a description when the author gave none. */
export function introduction(page: Page): string | undefined {
  if (page.format !== "markdown") return undefined;
  const tokens = parser().parse(splitFrontMatter(page.source).body, {});
  const main = tokens.findIndex((token) => token.type === "heading_open" && token.tag === "h1");
  for (let i = main + 1; i < tokens.length; i++) {
    const inline = tokens[i + 1];
    if (tokens[i]?.type !== "paragraph_open" || tokens[i]?.level !== 0 || inline?.type !== "inline") continue;
    // A caption or a lone badge is no introduction.
    if (inline.children?.every((child) => child.type !== "text" || child.level > 0)) continue;
    const text = plainText(inline).replaceAll(/\s+/g, " ").trim();
    if (text.length >= 40) return text;
  }
  return undefined;
}
