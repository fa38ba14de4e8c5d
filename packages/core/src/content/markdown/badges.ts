import { parser } from "./parser.ts";

/** Badges of a code repository, such as build state, stars and license. They say nothing to a learner. */
const badge =
  /^https?:\/\/(?:img\.shields\.io\/(?:github|npm|pypi|travis|codecov|badge\/PRs)|badge\.fury\.io|(?:api\.)?travis-ci\.|codecov\.io|coveralls\.io|circleci\.com|github\.com\/[^/]+\/[^/]+\/(?:actions\/)?workflows\/)/i;

/** Removes paragraphs that contain only badges of a code repository. Returns their `count`. */
export function withoutBadges(markdown: string): { markdown: string; count: number } {
  const tokens = parser().parse(markdown, {});
  const lines: (string | undefined)[] = markdown.split("\n");
  let count = 0;
  tokens.forEach((token, i) => {
    const inline = tokens[i + 1];
    if (token.type !== "paragraph_open" || token.level !== 0 || !token.map || inline?.type !== "inline") return;
    const children = inline.children ?? [];
    const images = children.filter((child) => child.type === "image");
    const isBare = children.every(
      (child) => /^(?:image|link_open|link_close|softbreak|hardbreak)$/.test(child.type) || child.content.trim() === "",
    );
    if (!isBare || images.length === 0 || !images.every((image) => badge.test(String(image.attrGet("src") ?? ""))))
      return;
    count += images.length;
    for (let line = token.map[0]; line < token.map[1]; line++) lines[line] = undefined;
  });
  return { markdown: lines.filter((line) => line !== undefined).join("\n"), count };
}
