import type { Tree } from "../../archive/index.ts";
import { byName, fileNameOf, folderOf } from "../paths.ts";
import type { ReportBook } from "../report.ts";
import { isHtml, isMarkdown } from "./pages.ts";

export interface Files {
  /** What the course is called if nothing in it says so. */
  readonly rootName: string;
  /** Paths without a folder that wraps everything. */
  readonly pages: readonly string[];
  readonly others: readonly string[];
  readonly summary: string | undefined;
  /** The path in the tree. */
  readonly actual: (path: string) => string;
}

/** Sorts a package's files into pages, a SUMMARY.md, other files, and ignored ones. */
export function classify(tree: Tree, report: ReportBook): Files {
  const all = tree.entries.map((entry) => entry.path);
  const visible = all.filter((path) => !isHidden(path));
  const prefix = wrapper(visible);
  const actual = (path: string) => `${prefix}${path}`;
  const paths = visible.map((path) => path.slice(prefix.length));
  for (const { path, reason } of tree.skipped) report.dropped(path, "top folder", reason);
  report.leftOver(
    all.filter(isHidden),
    () => "a hidden file: settings of tools and computers are not part of the course",
  );

  const translated = paths.filter((path) => /^(?:translations?|translated_images|i18n|locales?)\//i.test(path));
  report.leftOver(translated, () => "a translation: import it as a course of its own");
  const left = new Set(translated);

  const summary = paths
    .filter((path) => fileNameOf(path).toLowerCase() === "summary.md" && path.split("/").length <= 3)
    .sort((a, b) => a.split("/").length - b.split("/").length || byName(a, b))
    .find((path) => !left.has(path));
  if (summary) left.add(summary);

  const repository = paths.filter((path) => folderOf(path) === "" && aboutRepository.test(path));
  report.leftOver(repository, () => "it speaks to people who change the repository, not to learners");
  for (const path of repository) left.add(path);

  const rest = paths.filter((path) => !left.has(path));
  const hasMarkdown = rest.some(isMarkdown);
  const isPage = (path: string) => (hasMarkdown ? isMarkdown(path) || isLicence(path) : isHtml(path));
  return {
    rootName: prefix === "" ? tree.name : prefix.slice(0, -1),
    pages: rest.filter(isPage),
    others: rest.filter((path) => !isPage(path)),
    summary: hasMarkdown ? summary : undefined,
    actual,
  };
}

const isHidden = (path: string): boolean =>
  path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX") ||
  /(?:^|\/)(?:Thumbs\.db|desktop\.ini)$/i.test(path);

/** A zip often holds one folder with everything in it. */
function wrapper(paths: readonly string[]): string {
  let prefix = "";
  for (;;) {
    const inside = paths.map((path) => path.slice(prefix.length));
    const [first] = inside;
    const folder = first?.split("/")[0];
    if (first === undefined || folder === undefined || !inside.every((path) => path.startsWith(`${folder}/`)))
      return prefix;
    // A single folder with pages and no folders is a module whose name is worth keeping.
    const below = inside.map((path) => path.slice(folder.length + 1));
    const hasFront = below.some((path) => /^(?:readme|index|summary)\.(?:md|markdown|html?)$/i.test(path));
    if (!hasFront && below.every((path) => !path.includes("/"))) return prefix;
    prefix += `${folder}/`;
  }
}

/** Written in capitals, as the custom is; a lesson called "history.md" is a lesson. */
const aboutRepository =
  /^(?:CODE_OF_CONDUCT|CONTRIBUTING|CONTRIBUTORS|SECURITY|SUPPORT|CHANGELOG|GOVERNANCE|MAINTAINERS|TRANSLATIONS|PULL_REQUEST_TEMPLATE|ISSUE_TEMPLATE)\.(?:md|markdown)$/;

/** A license must stay with the work, so it becomes a lesson although nothing links to it. */
const isLicence = (path: string): boolean => /^(?:licen[cs]e|copying|notice)(?:\.txt)?$/i.test(path);
