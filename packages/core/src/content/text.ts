import { type Node, parseFragment } from "./html/node.ts";

const breaks: ReadonlySet<string> = new Set(
  "p h1 h2 h3 h4 h5 h6 blockquote pre ul ol li dl dt dd figure figcaption hr details summary table caption tr br div".split(
    " ",
  ),
);
const cells: ReadonlySet<string> = new Set(["td", "th"]);

/** Returns a sanitized page's words for search and excerpts: one block per line, images by their alternative text. */
export function toText(html: string): string {
  let text = "";
  const walk = (nodes: readonly Node[], isPre: boolean): void => {
    for (const node of nodes) {
      if (typeof node === "string") {
        text += isPre ? node : node.replaceAll(/[\s\u00a0]+/g, " ");
        continue;
      }
      if (node.tag === "img") text += node.attributes.alt ?? "";
      if (breaks.has(node.tag)) text += "\n";
      walk(node.children, isPre || node.tag === "pre");
      if (breaks.has(node.tag)) text += "\n";
      else if (cells.has(node.tag)) text += " ";
    }
  };
  walk(parseFragment(html), false);
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "")
    .map((line) => line.replace(/^ (?=\S)/, ""))
    .join("\n")
    .trim();
}

/** Returns the beginning of a text in whole words, at most `length` characters, with an ellipsis when it is cut. */
export function excerpt(text: string, length = 180): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= length) return line;
  const cut = line.slice(0, length);
  const end = cut.lastIndexOf(" ");
  return `${cut.slice(0, end > length / 2 ? end : length).replace(/(?<![\s,;:.–-])[\s,;:.–-]+$/, "")}…`;
}

/** As many whole sentences as fit; when not even one does, an excerpt. */
export function sentences(text: string, length: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= length) return line;
  const end = [...line.slice(0, length + 1).matchAll(/[.!?。！？]["')\]]?(?=\s|$)/gu)].at(-1);
  return end === undefined || end.index < length / 5 ? excerpt(line, length) : line.slice(0, end.index + end[0].length);
}

/** Words, counting two signs as one word in scripts that are written without blanks. */
export function countWords(text: string): number {
  const dense = text.match(
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/gu,
  );
  const spaced = text
    .replaceAll(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}]/gu,
      " ",
    )
    .match(/[\p{L}\p{N}][^\s]*/gu);
  return (spaced?.length ?? 0) + Math.ceil((dense?.length ?? 0) / 2);
}

/** Minutes a learner needs to read so many words, at least one. */
export const minutesFor = (words: number): number => Math.max(1, Math.round(words / 200));
