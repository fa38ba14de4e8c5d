import type { Token } from "markdown-it";
import { parser, plainText } from "../../markdown/parser.ts";

export interface SummaryItem {
  readonly title: string;
  /** As written; undefined for a heading or a chapter that is planned. */
  readonly href: string | undefined;
  readonly children: readonly SummaryItem[];
}

export interface SummaryPart {
  /** The heading above it, or undefined for what comes before the first. */
  readonly title: string | undefined;
  readonly items: readonly SummaryItem[];
}

/** Reads a table of contents of mdBook, GitBook or HonKit: parts by headings, nested lists of links. */
export function readSummary(markdown: string): SummaryPart[] {
  const tokens = parser().parse(markdown, {});
  const parts: { title: string | undefined; items: SummaryItem[] }[] = [{ title: undefined, items: [] }];
  const last = () => parts.at(-1) ?? { title: undefined, items: [] };
  let isFirstHeading = true;
  let i = 0;
  while (i < tokens.length) {
    const token = tokens[i];
    if (token?.type === "heading_open") {
      const title = plainText(tokens[i + 1]).trim();
      // The first heading is the name of the page, "Summary".
      if (!isFirstHeading || !/^(?:summary|table of contents|contents|toc)$/i.test(title))
        parts.push({ title, items: [] });
      isFirstHeading = false;
      i += 3;
    } else if (token?.type === "bullet_list_open" || token?.type === "ordered_list_open") {
      const end = closing(tokens, i);
      last().items.push(...itemsOf(tokens.slice(i + 1, end)));
      i = end + 1;
    } else {
      // Chapters before and after the list are bare links.
      if (token?.type === "inline") last().items.push(...linksOf(token));
      i += 1;
    }
  }
  return parts.filter((part) => part.items.length > 0);
}

function itemsOf(tokens: readonly Token[]): SummaryItem[] {
  const items: SummaryItem[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i]?.type !== "list_item_open") continue;
    const end = closing(tokens, i);
    const inside = tokens.slice(i + 1, end);
    const inline = inside.find((token) => token.type === "inline");
    const children: SummaryItem[] = [];
    for (let j = 0; j < inside.length; j++) {
      if (!/^(?:bullet|ordered)_list_open$/.test(inside[j]?.type ?? "")) continue;
      const listEnd = closing(inside, j);
      children.push(...itemsOf(inside.slice(j + 1, listEnd)));
      j = listEnd;
    }
    const [link] = inline ? linksOf(inline) : [];
    const title = link?.title ?? plainText(inline).trim();
    if (title !== "" || children.length > 0) items.push({ title, href: link?.href, children });
    i = end;
  }
  return items;
}

function linksOf(inline: Token): SummaryItem[] {
  const children = inline.children ?? [];
  return children.flatMap((token, i) => {
    if (token.type !== "link_open") return [];
    const end = children.findIndex((other, j) => j > i && other.type === "link_close");
    const title = children
      .slice(i + 1, end)
      .map((child) => child.content)
      .join("")
      .trim();
    const href = String(token.attrGet("href") ?? "").trim();
    return [{ title, href: href === "" ? undefined : href, children: [] }];
  });
}

/** The index of the token that closes the one at `start`. */
function closing(tokens: readonly Token[], start: number): number {
  const level = tokens[start]?.level ?? 0;
  const type = tokens[start]?.type.replace("_open", "_close");
  for (let i = start + 1; i < tokens.length; i++) if (tokens[i]?.type === type && tokens[i]?.level === level) return i;
  return tokens.length;
}
