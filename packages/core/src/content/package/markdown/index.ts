import type { Tree } from "../../archive/index.ts";
import { isPictureOfWords } from "../../html/index.ts";
import { withoutBadges } from "../../markdown/badges.ts";
import { withoutTitle } from "../../markdown/index.ts";
import { rewriteLinks } from "../../markdown/rewrite.ts";
import { minutesFor, sentences } from "../../text.ts";
import { AssetBook } from "../assets.ts";
import { rewriteHtml } from "../html-links.ts";
import { checkLessons } from "../limits.ts";
import { encodePath, fileNameOf, folderOf, isAbsolute, pathOfUrl, resolvePath, titleFromName } from "../paths.ts";
import { ReportBook } from "../report.ts";
import type { Package, PackageLesson, PackageModule } from "../types.ts";
import { classify } from "./classify.ts";
import { introduction } from "./description.ts";
import { byFolders, bySummary, type Contents, type Entry, type OutlineModule, pageFinder } from "./outline.ts";
import { decodeText, isFolderPage, type Page, readPage } from "./pages.ts";
import { distinctTitles } from "./titles.ts";

/** Reads a folder of Markdown (or, without any, of HTML pages) as a course. */
export async function readMarkdown(tree: Tree): Promise<Package> {
  const report = new ReportBook();
  const files = classify(tree, report);
  checkLessons(files.pages.length);
  const pages = new Map<string, Page>();
  for (const path of files.pages) {
    const page = await readPage(tree, path, files.actual(path), report);
    if (page) pages.set(path, page);
  }
  const front = [...pages.values()].find((page) => folderOf(page.path) === "" && isFolderPage(page.path, pages));
  const only = pages.size === 1 ? [...pages.values()][0] : undefined;
  const bookTitle = await titleOfBook(tree, files.actual);
  const courseTitle = bookTitle ?? (front ?? only)?.title ?? titleFromName(files.rootName);
  const contents: Contents = { pages, pageAt: pageFinder(pages), courseTitle };

  let outline: OutlineModule[];
  if (files.summary) {
    outline = bySummary(
      contents,
      { path: files.summary, text: decodeText(await tree.read(files.actual(files.summary))) },
      report,
    );
    report.changed(files.summary, courseTitle, "it gave the order of the lessons and is no lesson itself");
  } else outline = byFolders(contents);

  const assets = new AssetBook(tree, files.others, files.actual);
  const modules = outline.map((module): PackageModule => {
    const titles = distinctTitles(module.entries.map(entryFacts), report);
    return {
      title: module.title,
      lessons: module.entries.map((entry, i) =>
        lessonOf(entry, titles[i] ?? "", module.title, contents, assets, report),
      ),
    };
  });
  const coverPath = cover(front, files.others, assets);
  const packageAssets = await assets.finish(report);
  report.leftOver(assets.unused(), () => "no lesson links to this file");
  const description = front?.matter.description ?? (front ? introduction(front) : only?.matter.description);
  const language = front?.matter.language ?? only?.matter.language;
  return {
    kind: "markdown",
    title: courseTitle,
    ...(description ? { description: sentences(description, 300) } : {}),
    ...(language ? { language } : {}),
    ...(coverPath ? { coverPath } : {}),
    modules,
    assets: packageAssets,
    report: report.finish(),
  };
}

const entryFacts = (entry: Entry): { title: string; path: string } =>
  "page" in entry ? entry.page : { title: entry.title, path: entry.url };

function lessonOf(
  entry: Entry,
  title: string,
  module: string,
  contents: Contents,
  assets: AssetBook,
  report: ReportBook,
): PackageLesson {
  if (!("page" in entry)) {
    report.moved(entry.url, `${module} › ${title}`, "became a link lesson");
    return { title, format: "link", source: entry.url, path: entry.url, minutes: 1, isDraft: false };
  }
  const { page } = entry;
  const elsewhere = new Map<string, number>();
  let worded = 0;
  const change = (url: string, kind: "link" | "image"): string | undefined => {
    if (isAbsolute(url)) {
      const host = URL.canParse(url) ? new URL(url).hostname : "";
      if (kind === "image" && isPictureOfWords(url)) worded += 1;
      else if (kind === "image" && host !== "") elsewhere.set(host, (elsewhere.get(host) ?? 0) + 1);
      return undefined;
    }
    const written = pathOfUrl(url);
    if (written === "") return undefined;
    const hash = kind === "link" ? (/#.*/.exec(url)?.[0] ?? "") : "";
    const target = kind === "link" ? contents.pageAt(page.path, url) : undefined;
    if (target) return `lesson:${encodePath(target.path)}${hash}`;
    const path = resolvePath(folderOf(page.path), written);
    const asset = path === undefined ? undefined : assets.use(path, page.path);
    if (asset !== undefined) return `asset:${encodePath(asset)}${hash}`;
    report.missing(path ?? written, page.path, kind);
    // Keeps the address as written, but not as one of the school's own site.
    return url.startsWith("/") ? url.replace(/^\/+/, "") : undefined;
  };
  let source: string;
  if (page.format === "html")
    source = rewriteHtml(page.source, change, (removed) => report.cleaned(title, page.path, removed));
  else {
    const stripped = withoutBadges(withoutTitle(page.source));
    if (stripped.count > 0)
      report.dropped(
        stripped.count === 1 ? "a badge" : `${stripped.count} badges`,
        page.path,
        "shows the state of a code repository",
      );
    source = rewriteLinks(stripped.markdown, change);
  }
  if (worded > 0)
    report.changed(
      many(worded, "image"),
      page.path,
      "badges and stills of films on other sites: their words took their place",
    );
  if (elsewhere.size > 0) {
    const count = [...elsewhere.values()].reduce((sum, times) => sum + times, 0);
    report.changed(many(count, "image"), page.path, `stay on other sites: ${[...elsewhere.keys()].join(", ")}`);
  }
  report.moved(page.path, `${module} › ${title}`, "became a lesson");
  if (page.matter.draft)
    report.changed(page.path, `${module} › ${title}`, "its author marked it as a draft, so it is one here");
  return {
    title,
    format: page.format,
    source,
    path: page.path,
    minutes: page.matter.minutes ?? minutesFor(page.words),
    isDraft: page.matter.draft ?? false,
  };
}

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** `title = "..."` of an mdBook, `site_name:` of MkDocs. */
async function titleOfBook(tree: Tree, actual: (path: string) => string): Promise<string | undefined> {
  const read = async (path: string) => (tree.has(actual(path)) ? decodeText(await tree.read(actual(path))) : "");
  const book = /^[ \t]*title[ \t]*=[ \t]*"([^"\n]{1,200})"/m.exec(await read("book.toml"))?.[1];
  const site = /^site_name:\s*["']?([^"'\n]{1,200}?)["']?\s*$/m.exec(await read("mkdocs.yml"))?.[1];
  return (book ?? site)?.trim() || undefined;
}

function cover(front: Page | undefined, others: readonly string[], assets: AssetBook): string | undefined {
  const named = front?.matter.cover;
  const path = named && !isAbsolute(named) ? resolvePath("", pathOfUrl(named)) : undefined;
  const found =
    (path === undefined ? undefined : others.find((other) => other === path)) ??
    others.find((other) => /^(?:[^/]+\/)?cover\.(?:png|jpe?g|webp)$/i.test(other));
  return found && /\.(?:png|jpe?g|webp|gif|avif)$/i.test(fileNameOf(found))
    ? assets.use(found, "the course's cover")
    : undefined;
}
