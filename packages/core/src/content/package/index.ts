import { DomainError } from "../../kernel/error/index.ts";
import type { Tree } from "../archive/index.ts";
import { readMarkdown } from "./markdown/index.ts";
import { isHtml, isMarkdown } from "./markdown/pages.ts";
import type { Package } from "./types.ts";

export { encodePath, innerUrl } from "./paths.ts";
export type * from "./types.ts";

/**
 * Reads a package whole: a Common Cartridge, a folder of Markdown, or a page. Nothing is written. Refuses what it does
 * not know with `package.unknown`, and hostile XML with `xml.doctype`.
 */
export async function readPackage(tree: Tree): Promise<Package> {
  const paths = tree.entries.map((entry) => entry.path);
  if (paths.some(isMarkdown) || paths.some(isHtml)) return readMarkdown(tree);
  throw new DomainError("invalid", "package.unknown", "x");
}
