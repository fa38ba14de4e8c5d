import type { Token } from "markdown-it";
import { type Resolve, sanitise, type Words } from "../html/index.ts";
import { countWords, toText } from "../text.ts";
import { type FrontMatter, splitFrontMatter } from "./front-matter.ts";
import { parser, plainText } from "./parser.ts";

export { type FrontMatter, splitFrontMatter } from "./front-matter.ts";

export interface RenderOptions {
  /** Asked for every link and image, without the part behind `#`; see `Resolve`. */
  readonly resolve?: Resolve;
  readonly words?: Words;
}

export interface Rendered {
  /** Sanitised. */
  readonly html: string;
  /** From the front matter, else the first heading of the highest level, else undefined. */
  readonly title: string | undefined;
  /** The title is the front matter's or an h1, not just some heading. */
  readonly isNamed: boolean;
  readonly matter: FrontMatter;
  /** Every address that is not inside the page, as the author wrote it. */
  readonly links: readonly string[];
  readonly images: readonly string[];
  readonly words: number;
}

/** Renders a Markdown page as reading material. Headings begin at level 2: the page around it has the first. */
export function render(markdown: string, options: RenderOptions = {}): Rendered {
  const { matter, body } = splitFrontMatter(markdown);
  const md = parser();
  const tokens = md.parse(body, {});
  const links = new Set<string>();
  const images = new Set<string>();
  const resolve: Resolve = (url, kind) => {
    (kind === "link" ? links : images).add(url);
    return options.resolve?.(url, kind);
  };
  const { html } = sanitise(md.renderer.render(tokens, md.options, {}), {
    resolve,
    ...(options.words ? { words: options.words } : {}),
  });
  const heading = titleOf(tokens);
  return {
    html,
    title: matter.title ?? heading?.text,
    isNamed: matter.title !== undefined || heading?.tag === "h1",
    matter,
    links: [...links],
    images: [...images],
    words: countWords(toText(html)),
  };
}

/** The first h1, else the first heading: many pages begin with a banner and a smaller heading. */
function titleOf(tokens: readonly Token[]): { text: string; tag: string } | undefined {
  const headings = tokens.flatMap((token, i) => {
    const text =
      token.type === "heading_open"
        ? plainText(tokens[i + 1])
            .replaceAll(/\s+/g, " ")
            .trim()
        : "";
    return text === "" ? [] : [{ text, tag: token.tag }];
  });
  return headings.find(({ tag }) => tag === "h1") ?? headings[0];
}

/** Returns the text without its front matter and a leading title heading, because the page shows the title above it. */
export function withoutTitle(markdown: string): string {
  const { body } = splitFrontMatter(markdown);
  const tokens = parser().parse(body, {});
  const start = tokens.findIndex((token) => token.type !== "html_block" || !isComment(token.content));
  const first = tokens[start];
  if (first?.type !== "heading_open" || first.tag !== "h1" || !first.map) return body.trimStart();
  const inline = tokens[start + 1];
  // A banner in the heading would be lost with it.
  if (plainText(inline).trim() !== "" && inline?.children?.some((child) => child.type === "image"))
    return body.trimStart();
  const lines = body.split("\n");
  lines.splice(first.map[0], first.map[1] - first.map[0]);
  return lines.join("\n").trimStart();
}

const isComment = (html: string): boolean => /^\s*(?:<!--(?:(?!-->)[\s\S])*-->\s*)+$/.test(html);
