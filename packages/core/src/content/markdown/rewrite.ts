import { escapeAttribute } from "../html/node.ts";
import { isImage } from "../lesson.ts";
import { parser } from "./parser.ts";

/** The new address, or undefined to leave the old one. */
export type Change = (url: string, kind: "link" | "image") => string | undefined;

/**
 * Changes link and image addresses in Markdown and keeps every other character: inline links, reference definitions,
 * and `href` and `src` of HTML; not in code.
 */
export function rewriteLinks(markdown: string, change: Change): string {
  const lines = markdown.split("\n");
  const isCode = new Array<boolean>(lines.length).fill(false);
  for (const token of parser().parse(markdown, {}))
    if (token.type === "fence" || token.type === "code_block")
      for (let line = token.map?.[0] ?? 0; line < (token.map?.[1] ?? 0); line++) isCode[line] = true;

  const out: string[] = [];
  let text: string[] = [];
  const flush = () => {
    if (text.length > 0) out.push(rewriteText(text.join("\n"), change));
    text = [];
  };
  lines.forEach((line, i) => {
    if (isCode[i]) {
      flush();
      out.push(line);
    } else text.push(line);
  });
  flush();
  return out.join("\n");
}

// Bounded, so that a page of unclosed tags is scanned once and not once per tag.
const tagStart =
  /<(?:a|img|source|video|audio|iframe|embed|object)\b(?:[^<>"']|"[^"]{0,4000}"|'[^']{0,4000}'){0,4000}>/iy;
const definition = /(?<=^(?:[ \t]{0,3}>)*[ \t]*)\[((?:\\.|[^\]\\\n])+)\]:[ \t]*(?:<([^<>\n]*)>|(\S+))/my;

function rewriteText(text: string, change: Change): string {
  const { parseLinkDestination } = parser().helpers;
  let out = "";
  let i = 0;
  const brackets: boolean[] = [];
  const code = codeSpans(text);
  let commentsEnd = 0;
  /** The length of a comment that begins here, or 0. */
  const commentLength = (): number => {
    if (!text.startsWith("<!--", i) || commentsEnd === -1) return 0;
    commentsEnd = text.indexOf("-->", i + 4);
    return commentsEnd === -1 ? 0 : commentsEnd + 3 - i;
  };
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = i;
    return pattern.exec(text);
  };
  const copy = (length: number) => {
    out += text.slice(i, i + length);
    i += length;
  };
  while (i < text.length) {
    const char = text.charAt(i);
    if (char === "\\") copy(2);
    else if (char === "`") copy(code.get(i) ?? 1);
    else if (char === "<") {
      const skipped = commentLength();
      const tag = skipped === 0 ? match(tagStart)?.[0] : undefined;
      if (skipped > 0) copy(skipped);
      else if (tag !== undefined) {
        out += rewriteTag(tag, change);
        i += tag.length;
      } else copy(1);
    } else if (char === "[") {
      const found = match(definition);
      if (found) {
        const url = found[2] ?? found[3] ?? "";
        const kind = isImage(url.split(/[?#]/, 1)[0] ?? "") ? "image" : "link";
        const next = change(url, kind) ?? change(url, kind === "image" ? "link" : "image");
        out += next === undefined ? found[0] : `[${found[1]}]: ${bare(next)}`;
        i += found[0].length;
        continue;
      }
      brackets.push(text.charAt(i - 1) === "!" && text.charAt(i - 2) !== "\\");
      copy(1);
    } else if (char === "]") {
      const isImage = brackets.pop() ?? false;
      copy(1);
      if (text.charAt(i) !== "(") continue;
      const blanks = /^\([ \t]*\n?[ \t]*/.exec(text.slice(i, i + 200))?.[0].length ?? 1;
      const found = parseLinkDestination(text, i + blanks, text.length);
      if (!found.ok || found.pos === i + blanks) continue;
      copy(blanks);
      const next = change(found.str, isImage ? "image" : "link");
      if (next === undefined) copy(found.pos - i);
      else {
        out += bare(next);
        i = found.pos;
      }
    } else copy(1);
  }
  return out;
}

/** An address that needs no angle brackets. */
const bare = (url: string): string =>
  url.replaceAll(/[\s()<>\\]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

/**
 * Maps the start of each run of backticks to the length of the code span it opens, or of the run alone when its
 * paragraph has no closing run.
 */
function codeSpans(text: string): Map<number, number> {
  const lengths = new Map<number, number>();
  const runs = [...text.matchAll(/`+|\n[ \t]*(?=\n)/g)];
  const nearest = new Map<number, number>();
  for (const run of runs.reverse()) {
    if (run[0].startsWith("\n")) {
      nearest.clear();
      continue;
    }
    const { length } = run[0];
    const close = nearest.get(length);
    lengths.set(run.index, close === undefined ? length : close + length - run.index);
    nearest.set(length, run.index);
  }
  return lengths;
}

function rewriteTag(tag: string, change: Change): string {
  const isImage = /^<img\b/i.test(tag);
  return tag.replaceAll(
    /(\s(href|src|data|poster)\s*=\s*)("([^"]*)"|'([^']*)'|([^\s"'>]+))/gi,
    (whole, before: string, name: string, _: string, double?: string, single?: string, plain?: string) => {
      const url = (double ?? single ?? plain ?? "").replaceAll("&amp;", "&");
      const next = change(url, isImage && name.toLowerCase() === "src" ? "image" : "link");
      return next === undefined ? whole : `${before}"${escapeAttribute(next)}"`;
    },
  );
}
