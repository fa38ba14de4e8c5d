import type { Tree } from "../../archive/index.ts";
import { maxHtml } from "../../html/index.ts";
import { type FrontMatter, render } from "../../markdown/index.ts";
import { readHtmlPage } from "../html-page.ts";
import { fileNameOf, folderOf, titleFromName } from "../paths.ts";
import type { ReportBook } from "../report.ts";

export interface Page {
  readonly path: string;
  readonly format: "markdown" | "html";
  readonly source: string;
  readonly title: string;
  readonly matter: FrontMatter;
  /** Targets of its links in reading order, as written. */
  readonly links: readonly string[];
  readonly words: number;
}

export const isMarkdown = (path: string): boolean => /\.(?:md|markdown|mdown|mkd)$/i.test(path);
export const isHtml = (path: string): boolean => /\.x?html?$/i.test(path);

/** The page of a folder itself. README wins; an index beside it is then an ordinary page. */
export const isFolderPage = (path: string, all: { readonly has: (path: string) => boolean }): boolean => {
  const name = fileNameOf(path)
    .toLowerCase()
    .replace(/\.[a-z]+$/, "");
  if (name === "readme") return true;
  if (name !== "index" && name !== "_index") return false;
  const folder = folderOf(path);
  return !["README.md", "readme.md", "Readme.md"].some((readme) =>
    all.has(folder === "" ? readme : `${folder}/${readme}`),
  );
};

/** Longer pages are not lessons; a book in one file should be split by its author. */
const maxPage = maxHtml / 2;

/** Reads one page, or tells the report why it cannot be one. */
export async function readPage(tree: Tree, path: string, read: string, report: ReportBook): Promise<Page | undefined> {
  const bytes = await tree.read(read);
  if (bytes.length > maxPage) {
    report.dropped(path, folderOf(path) || "top folder", "the page is longer than 2 MB");
    return undefined;
  }
  const text = decodeText(bytes);
  if (isHtml(path)) {
    const { title, links, words } = readHtmlPage(text);
    return { path, format: "html", source: text, title: title ?? titleOfName(path), matter: {}, links, words };
  }
  const { title, isNamed, matter, links, words } = render(text);
  const own = title && (isNamed || !general.test(title)) ? title : titleOfName(path);
  return { path, format: "markdown", source: text, title: own, matter, links, words };
}

/** UTF-8, with or without a mark; else the encoding old Windows editors used. */
export function decodeText(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const mark = bytes.subarray(0, 2).toString("latin1");
    if (mark === "\xff\xfe") return new TextDecoder("utf-16le").decode(bytes);
    if (mark === "\xfe\xff") return new TextDecoder("utf-16be").decode(bytes);
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Headings that many pages share say nothing in an outline. */
const general =
  /^(?:instructions?|introduction|intro|overview|rubric|contents?|table of contents|summary|prerequisites?|objectives?|learning objectives|goals?|requirements|setup|steps?|task|description)$/i;

/** A README is called like its folder. */
function titleOfName(path: string): string {
  const name = fileNameOf(path).replace(/\.[a-z]+$/i, "");
  const folder = folderOf(path);
  if (/^(?:readme|_?index)$/i.test(name)) return folder === "" ? "Introduction" : titleFromName(fileNameOf(folder));
  return titleFromName(name);
}
