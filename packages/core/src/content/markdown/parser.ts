import MarkdownItFactory, { type MarkdownIt, type Token } from "markdown-it";
import { idPrefix } from "../html/inline.ts";
import { escapeAttribute } from "../html/node.ts";
import { codeHtml } from "./highlight.ts";

let made: MarkdownIt | undefined;

/** The one Markdown parser: CommonMark with tables, strikethrough, task lists, GitHub's callouts, and HTML (sanitised later). */
export function parser(): MarkdownIt {
  made ??= make();
  return made;
}

function make(): MarkdownIt {
  const md = new MarkdownItFactory("default", {
    html: true,
    linkify: true,
    maxNesting: 60,
    highlight: (code, language) =>
      `<pre><code class="${["hljs", languageClass(language)].filter(Boolean).join(" ")}">${codeHtml(code, language)}</code></pre>`,
  });
  // "main.py" and "README.md" are files, although .py and .md are countries.
  md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  md.core.ruler.push("lectern", (state) => {
    numberHeadings(state.tokens);
    pointInside(state.tokens);
    alignCells(state.tokens);
    markTasks(state.tokens);
    callouts(state.tokens, (type, tag, nesting) => new state.Token(type, tag, nesting));
  });
  return md;
}

const languageClass = (language: string): string =>
  /^[\w+#-]{1,30}$/.test(language) ? escapeAttribute(`language-${language.toLowerCase()}`) : "";

/** Ids as GitHub makes them, because authors link to those. */
function numberHeadings(tokens: readonly Token[]): void {
  const taken = new Map<string, number>();
  tokens.forEach((token, i) => {
    if (token.type !== "heading_open") return;
    const base = slugOf(plainText(tokens[i + 1]));
    if (base === "") return;
    const times = taken.get(base) ?? 0;
    taken.set(base, times + 1);
    token.attrSet("id", `${idPrefix}${times === 0 ? base : `${base}-${times}`}`);
  });
}

/** Prefixes links inside the page with their headings: the id of a heading "C d" only looks prefixed. */
function pointInside(tokens: readonly Token[]): void {
  for (const token of tokens)
    for (const child of token.children ?? []) {
      const href = child.type === "link_open" ? String(child.attrGet("href") ?? "") : "";
      if (href.length > 1 && href.startsWith("#")) child.attrSet("href", `#${idPrefix}${href.slice(1)}`);
    }
}

export const slugOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");

/** The words of an inline token, without markup and images' addresses. */
export function plainText(token: Token | undefined): string {
  const words = (token?.children ?? []).map((child) =>
    child.type === "text" || child.type === "code_inline" || child.type === "emoji"
      ? child.content
      : child.type === "softbreak" || child.type === "hardbreak"
        ? " "
        : child.type === "image"
          ? plainText(child)
          : "",
  );
  return words.join("");
}

/** Styles do not pass the sanitiser; classes do. */
function alignCells(tokens: readonly Token[]): void {
  for (const token of tokens) {
    if (token.type !== "td_open" && token.type !== "th_open") continue;
    const align = /text-align:\s*(left|center|right)/.exec(String(token.attrGet("style") ?? ""))?.[1];
    token.attrs = (token.attrs ?? []).filter(([name]) => name !== "style");
    if (align && align !== "left") token.attrSet("class", `align-${align}`);
  }
}

/** Renders `- [x] done` as a sign that a screen reader announces, because a checkbox would ask for input. */
function markTasks(tokens: readonly Token[]): void {
  tokens.forEach((token, i) => {
    if (token.type !== "inline" || tokens[i - 1]?.type !== "paragraph_open" || tokens[i - 2]?.type !== "list_item_open")
      return;
    const [first] = token.children ?? [];
    if (first?.type !== "text") return;
    first.content = first.content.replace(/^\[([ xX])\] /, (_, mark: string) => (mark === " " ? "☐ " : "☑ "));
  });
}

const kinds: Readonly<Record<string, string>> = {
  NOTE: "Note",
  TIP: "Tip",
  IMPORTANT: "Important",
  WARNING: "Warning",
  CAUTION: "Caution",
};

/** `> [!NOTE]` is a quote with a name. Other quotes stay quotes. */
function callouts(tokens: Token[], make: (type: string, tag: string, nesting: -1 | 0 | 1) => Token): void {
  for (let i = 0; i < tokens.length; i++) {
    const [quote, paragraph, inline] = tokens.slice(i, i + 3);
    if (quote?.type !== "blockquote_open" || paragraph?.type !== "paragraph_open" || inline?.type !== "inline")
      continue;
    const [first, second] = inline.children ?? [];
    const word = first?.type === "text" ? /^\s*\[!(\w+)\]\s*$/.exec(first.content)?.[1]?.toUpperCase() : undefined;
    const name = word === undefined ? undefined : kinds[word];
    if (word === undefined || name === undefined) continue;
    quote.attrJoin("class", `callout callout-${word.toLowerCase()}`);
    inline.children = (inline.children ?? []).slice(
      second?.type === "softbreak" || second?.type === "hardbreak" ? 2 : 1,
    );
    const open = make("html_block", "", 0);
    open.content = `<p><strong>${name}</strong></p>\n`;
    tokens.splice(i + 1, 0, open);
    i += 1;
  }
}
