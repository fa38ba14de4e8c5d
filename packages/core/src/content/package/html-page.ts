import { parseDocument } from "htmlparser2";
import { type Resolve, sanitise } from "../html/index.ts";
import { countWords, toText } from "../text.ts";

type Foreign = ReturnType<typeof parseDocument>["children"][number];

export interface HtmlPage {
  readonly title: string | undefined;
  readonly language: string | undefined;
  /** `<meta name>` to `content`. */
  readonly meta: ReadonlyMap<string, string>;
  /** The raw content of the body; the sanitizer drops the head. */
  readonly body: string;
  readonly links: readonly string[];
  readonly words: number;
}

/** The facts in the head of a page, and what its body links to. */
export function readHtmlPage(source: string): HtmlPage {
  const meta = new Map<string, string>();
  let title: string | undefined;
  let heading: string | undefined;
  let language: string | undefined;
  const walk = (nodes: readonly Foreign[], depth: number): void => {
    for (const node of nodes) {
      if (!("attribs" in node) || !("children" in node) || depth > 200) continue;
      if (node.name === "html") language ??= node.attribs.lang;
      if (node.name === "title") title ??= textOf(node.children);
      if (/^h[12]$/.test(node.name)) heading ??= textOf(node.children) || undefined;
      if (node.name === "meta" && node.attribs.name && node.attribs.content !== undefined)
        meta.set(node.attribs.name.toLowerCase(), node.attribs.content);
      walk(node.children, depth + 1);
    }
  };
  walk(parseDocument(source).children, 0);
  const links = new Set<string>();
  const resolve: Resolve = (url, kind) => {
    if (kind === "link") links.add(url);
    return undefined;
  };
  const { html } = sanitise(source, { resolve });
  return {
    title: clean(title) ?? clean(heading),
    language: clean(language),
    meta,
    body: source,
    links: [...links],
    words: countWords(toText(html)),
  };
}

const textOf = (nodes: readonly Foreign[], depth = 0): string =>
  nodes
    .slice(0, depth > 50 ? 0 : undefined)
    .map((node) =>
      "data" in node && node.type === "text"
        ? String(node.data)
        : "children" in node
          ? textOf(node.children, depth + 1)
          : "",
    )
    .join("");

const clean = (text: string | undefined): string | undefined =>
  text?.replaceAll(/[\s\u00a0]+/g, " ").trim() || undefined;
