import { DomainError } from "../../kernel/error/index.ts";
import type { Tree } from "../archive/index.ts";
import { manifestOf, readCartridge } from "./imscc/index.ts";
import { readMarkdown } from "./markdown/index.ts";
import { isHtml, isMarkdown } from "./markdown/pages.ts";
import type { Package } from "./types.ts";

export { checkLessons } from "./limits.ts";
export { encodePath, innerUrl } from "./paths.ts";
export type * from "./types.ts";

/**
 * Reads a Common Cartridge, a folder of Markdown, or a page, and writes nothing. Refuses other packages as
 * `package.unknown`, and hostile XML as `xml.doctype`.
 */
export async function readPackage(tree: Tree): Promise<Package> {
  const paths = tree.entries.map((entry) => entry.path);
  const manifest = manifestOf(paths);
  if (manifest !== undefined) return readCartridge(tree, manifest);
  if (paths.some(isMarkdown) || paths.some(isHtml)) return readMarkdown(tree);
  throw new DomainError("invalid", "package.unknown", whatIsIt(paths));
}

const whatIsIt = (paths: readonly string[]): string =>
  paths.some((path) => /(?:^|\/)moodle_backup\.xml$/.test(path))
    ? "That is a Moodle backup. Moodle backups come in a later release."
    : paths.some((path) => /(?:^|\/)h5p\.json$/.test(path))
      ? "That is an H5P package. H5P comes in a later release."
      : "There is no page in it: it is neither a course of Markdown nor a Common Cartridge.";
