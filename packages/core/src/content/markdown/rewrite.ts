import { escapeAttribute } from "../html/node.ts";
import { parser } from "./parser.ts";

/** The new address, or undefined to leave the old one. */
export type Change = (url: string, kind: "link" | "image") => string | undefined;

/**
 * Changes the addresses of links and images in Markdown and leaves every other character as its author wrote it: inline
 * links, reference definitions, and `href` and `src` of HTML; not in code.
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

const tagStart = /<(?:a|img|source|video|audio|iframe|embed|object)\b(?:[^>"']|"[^"]*"|'[^']*')*>/iy;
const comment = /<!--[\s\S]*?-->/y;
const definition = /(?<=^(?:[ \t]{0,3}>)*[ \t]*)\[((?:\\.|[^\]\\\n])+)\]:[ \t]*(?:<([^<>\n]*)>|(\S+))/my;

function rewriteText(text: string, change: Change): string {
  const { parseLinkDestination } = parser().helpers;
  let out = "";
  let i = 0;
  const brackets: boolean[] = [];
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
    else if (char === "`") copy(codeLength(text, i));
    else if (char === "<") {
      const skipped = match(comment)?.[0];
      const tag = skipped === undefined ? match(tagStart)?.[0] : undefined;
      if (skipped !== undefined) copy(skipped.length);
      else if (tag !== undefined) {
        out += rewriteTag(tag, change);
        i += tag.length;
      } else copy(1);
    } else if (char === "[") {
      const found = match(definition);
      if (found) {
        const url = found[2] ?? found[3] ?? "";
        const kind = /\.(?:png|jpe?g|gif|svg|webp|avif)(?:[?#].*)?$/i.test(url) ? "image" : "link";
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

/** The length of a code span that begins here, or of the backticks when nothing closes them in this paragraph. */
function codeLength(text: string, start: number): number {
  const ticks = /^`+/.exec(text.slice(start))?.[0].length ?? 1;
  const paragraphEnd = /\n[ \t]*\n/.exec(text.slice(start))?.index ?? text.length - start;
  const inside = text.slice(start + ticks, start + paragraphEnd);
  for (const found of inside.matchAll(/`+/g)) if (found[0].length === ticks) return ticks + found.index + ticks;
  return ticks;
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
