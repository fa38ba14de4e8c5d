import {
  byName,
  fileNameOf,
  folderOf,
  isAbsolute,
  numberInName,
  pathOfUrl,
  resolvePath,
  titleFromName,
} from "../paths.ts";
import type { ReportBook } from "../report.ts";
import { isFolderPage, type Page } from "./pages.ts";
import { readSummary, type SummaryItem } from "./summary.ts";

/** A lesson to be: a page, or a link that a SUMMARY.md names. */
export type Entry = { readonly page: Page } | { readonly title: string; readonly url: string };

export interface OutlineModule {
  readonly title: string;
  readonly entries: readonly Entry[];
}

export interface Contents {
  readonly pages: ReadonlyMap<string, Page>;
  /** Returns the page that another page's address means: a file, or a folder's own page. */
  readonly pageAt: (from: string, url: string) => Page | undefined;
  readonly courseTitle: string;
}

/** Order from a SUMMARY.md. Pages it does not name come last. */
export function bySummary(
  contents: Contents,
  summary: { path: string; text: string },
  report: ReportBook,
): OutlineModule[] {
  const taken = new Set<string>();
  const entriesOf = (item: SummaryItem): Entry[] => {
    const own = entryOf(item);
    return [...(own ? [own] : []), ...item.children.flatMap(entriesOf)];
  };
  const entryOf = ({ title, href }: SummaryItem): Entry | undefined => {
    if (href === undefined) return undefined;
    if (isAbsolute(href)) return /^https?:/i.test(href) ? { title, url: href } : undefined;
    const page = contents.pageAt(summary.path, href);
    if (!page) {
      if (!pathOfUrl(href).startsWith("#"))
        report.dropped(title || href, summary.path, `it names ${pathOfUrl(href)}, which is not in the package`);
      return undefined;
    }
    if (taken.has(page.path)) return undefined;
    taken.add(page.path);
    return { page };
  };

  const modules: { title: string; entries: Entry[] }[] = [];
  for (const part of readSummary(summary.text)) {
    if (part.title !== undefined) {
      modules.push({ title: part.title, entries: part.items.flatMap(entriesOf) });
      continue;
    }
    const hasGroups = part.items.some((item) => item.children.length > 0);
    let loose: { title: string; entries: Entry[] } | undefined;
    for (const item of part.items) {
      const entries = entriesOf(item);
      if (hasGroups && item.children.length > 0) {
        modules.push({ title: item.title, entries });
        loose = undefined;
      } else if (loose) loose.entries.push(...entries);
      else {
        const name = !hasGroups ? contents.courseTitle : modules.length === 0 ? "Introduction" : item.title;
        loose = { title: name, entries };
        modules.push(loose);
      }
    }
  }
  const rest = [...contents.pages.values()].filter((page) => !taken.has(page.path));
  if (rest.length > 0) {
    rest.sort((a, b) => byName(a.path, b.path));
    for (const page of rest)
      report.changed(page.path, "More material", `${summary.path} does not name this page, so it comes last`);
    modules.push({ title: "More material", entries: rest.map((page) => ({ page })) });
  }
  return modules.filter((module) => module.entries.length > 0);
}

interface Folder {
  readonly path: string;
  own: Page | undefined;
  readonly pages: Page[];
  readonly folders: Folder[];
}

/** Orders by numbers in names, else by the links of the folder's README, else by names; folders are modules. */
export function byFolders(contents: Contents): OutlineModule[] {
  const root = tree(contents);
  const top = container(root);
  const position = linkPositions(contents);
  const sorted = (folder: Folder) => sortedChildren(folder, position);
  const flatten = (folder: Folder): Entry[] => [
    ...(folder.own ? [{ page: folder.own }] : []),
    ...sorted(folder).flatMap((child) => ("words" in child ? [{ page: child }] : flatten(child))),
  ];
  const modules = sorted(top)
    .filter((child): child is Folder => !("words" in child))
    .map((folder) => ({
      title: folder.own?.title ?? titleFromName(fileNameOf(folder.path)),
      entries: flatten(folder),
      order: place(folder, position),
    }));
  // What lies beside the folders, and above them.
  const loose = sorted(top).filter((child): child is Page => "words" in child);
  const above = top === root ? [] : sorted(root).filter((child): child is Page => "words" in child);
  const own = [root.own, top === root ? undefined : top.own].filter((page): page is Page => page !== undefined);
  const first = [...own, ...above, ...loose].map((page) => ({ page }));
  if (first.length === 0) return modules;
  const isNumbered = loose.some((page) => numberInName(fileNameOf(page.path)) !== undefined);
  const title = modules.length === 0 ? contents.courseTitle : isNumbered ? "Introduction" : "About this course";
  return [{ title, entries: first }, ...modules];
}

function tree(contents: Contents): Folder {
  const folders = new Map<string, Folder>();
  const folderAt = (path: string): Folder => {
    const known = folders.get(path);
    if (known) return known;
    const folder: Folder = { path, own: undefined, pages: [], folders: [] };
    folders.set(path, folder);
    if (path !== "") folderAt(folderOf(path)).folders.push(folder);
    return folder;
  };
  const root = folderAt("");
  for (const page of contents.pages.values()) {
    const folder = folderAt(folderOf(page.path));
    if (folder.own === undefined && isFolderPage(page.path, contents.pages)) folder.own = page;
    else folder.pages.push(page);
  }
  return root;
}

/** Returns the folder that contains the modules: below the root, skips single folders such as `lessons`. */
function container(root: Folder): Folder {
  let folder = root;
  for (
    let only = folder.folders[0];
    only && folder.folders.length === 1 && only.folders.length > 0;
    only = folder.folders[0]
  ) {
    if (
      !/^(?:lessons?|docs?|src|content|contents|course|courses|book|modules?|chapters?|pages|units?|material|materials|curriculum|text|en)$/i.test(
        fileNameOf(only.path),
      )
    )
      break;
    folder = only;
  }
  return folder;
}

/**
 * Returns how early the nearest README above a page links to it: authors list pages there in teaching order, while
 * names only sort them.
 */
function linkPositions(contents: Contents): (page: Page) => number {
  const byReadme = new Map<string, Map<string, number>>();
  for (const page of contents.pages.values()) {
    if (!isFolderPage(page.path, contents.pages)) continue;
    const positions = new Map<string, number>();
    page.links.forEach((link, i) => {
      const target = isAbsolute(link) ? undefined : contents.pageAt(page.path, link);
      if (target && !positions.has(target.path)) positions.set(target.path, i);
    });
    byReadme.set(folderOf(page.path), positions);
  }
  return (page) => {
    // A README is listed by the one above its own folder.
    let folder = isFolderPage(page.path, contents.pages) ? parentOf(folderOf(page.path)) : folderOf(page.path);
    while (folder !== undefined) {
      const positions = byReadme.get(folder);
      if (positions) return positions.get(page.path) ?? Number.POSITIVE_INFINITY;
      folder = parentOf(folder);
    }
    return Number.POSITIVE_INFINITY;
  };
}

const parentOf = (folder: string): string | undefined => (folder === "" ? undefined : folderOf(folder));

type Position = (page: Page) => number;

/** Files that end a lesson sort after it, whatever their names begin with. */
const closingWords =
  /^(?:assignments?|exercises?|homework|quiz(?:zes)?|challenge|summary|conclusion|solutions?|answers?|review|appendix|glossary|references|license|licence|attributions?|credits)\b/i;

function place(child: Page | Folder, position: Position): readonly number[] {
  const isPage = "words" in child;
  const page = isPage ? child : firstPage(child);
  const name = fileNameOf(child.path);
  const order = (isPage ? child : child.own)?.matter.order ?? numberInName(name);
  const linked = isPage ? position(child) : Math.min(...pagesOf(child).map(position), Number.POSITIVE_INFINITY);
  const isLast = closingWords.test(name.replace(/^[\d._\s-]+/, "")) && page !== undefined;
  return [order ?? Number.POSITIVE_INFINITY, linked, isLast ? 1 : 0];
}

const pagesOf = (folder: Folder): Page[] => (folder.own ? [folder.own] : folder.pages);
const firstPage = (folder: Folder): Page | undefined =>
  folder.own ?? folder.pages[0] ?? folder.folders.map(firstPage)[0];

function sortedChildren(folder: Folder, position: Position): (Page | Folder)[] {
  const ranked = [...folder.pages, ...folder.folders].map((child) => ({ child, rank: place(child, position) }));
  ranked.sort((a, b) => {
    for (let i = 0; i < a.rank.length; i++) {
      const [left, right] = [a.rank[i] ?? 0, b.rank[i] ?? 0];
      // Infinity minus itself is no number.
      if (left !== right) return left < right ? -1 : 1;
    }
    return byName(a.child.path, b.child.path);
  });
  return ranked.map(({ child }) => child);
}

/** Finds pages by the addresses authors write: files, folders, and files without or with another ending. */
export function pageFinder(pages: ReadonlyMap<string, Page>): (from: string, url: string) => Page | undefined {
  const folded = new Map([...pages.keys()].map((path) => [path.toLowerCase(), path]));
  const find = (path: string): Page | undefined => pages.get(folded.get(path.toLowerCase()) ?? "");
  return (from, url) => {
    const written = pathOfUrl(url);
    if (written === "") return undefined;
    const path = resolvePath(folderOf(from), written);
    if (path === undefined) return undefined;
    const inFolder = path === "" ? "" : `${path}/`;
    const stem = path.replace(/\.(?:html?|md|markdown)$/i, "");
    for (const candidate of [
      path,
      `${inFolder}README.md`,
      `${inFolder}index.md`,
      `${inFolder}_index.md`,
      `${stem}.md`,
      `${inFolder}index.html`,
    ]) {
      const page = find(candidate);
      if (page) return page;
    }
    return undefined;
  };
}
