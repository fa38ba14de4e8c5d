import { and, eq, inArray } from "drizzle-orm";
import { type Resolve, safeUrl, sanitise } from "../content/html/index.ts";
import { escapeAttribute, escapeText } from "../content/html/node.ts";
import { render as renderMarkdown } from "../content/markdown/index.ts";
import { countWords, minutesFor, toText } from "../content/text.ts";
import type { Db } from "../kernel/db/index.ts";
import { DomainError } from "../kernel/error/index.ts";
import { Storage } from "../kernel/storage/index.ts";
import { assetTable, courseTable, type lessonFormats, lessonTable } from "./course.sql.ts";
import { mediaUrl } from "./info.ts";

export type LessonFormat = (typeof lessonFormats)[number];

/** What inner addresses of a course lead to. */
export interface Targets {
  readonly courseSlug: string;
  /** By asset id. */
  readonly assets: ReadonlyMap<
    string,
    { readonly id: string; readonly fileName: string; readonly contentType: string }
  >;
  /** Slugs by lesson id. */
  readonly lessons: ReadonlyMap<string, string>;
}

export interface RenderedLesson {
  /** What learners read: sanitised, inner links resolved. */
  readonly html: string;
  /** Estimated from the number of words. */
  readonly minutes: number;
}

/** `asset:<id>` -> `/media/<id>/<file name>`, `lesson:<id>` -> `/learn/<course>/<lesson>`; null when it is not there. */
export const resolverOf =
  (targets: Targets): Resolve =>
  (url) => {
    const [, scheme, id = ""] = /^(asset|lesson):(.*)$/.exec(url) ?? [];
    if (scheme === "asset") {
      const asset = targets.assets.get(id);
      return asset ? mediaUrl(asset) : null;
    }
    if (scheme === "lesson") {
      const slug = targets.lessons.get(id);
      return slug ? `/learn/${encodeURIComponent(targets.courseSlug)}/${encodeURIComponent(slug)}` : null;
    }
    return undefined;
  };

/** A lesson's source as learners read it. Without targets, inner addresses stay as they are (for a preview). */
export function renderSource(format: LessonFormat, source: string, targets?: Targets): RenderedLesson {
  const resolve = targets && resolverOf(targets);
  const html = htmlOf(format, source, resolve, targets);
  return { html, minutes: minutesFor(countWords(toText(html))) };
}

function htmlOf(format: LessonFormat, source: string, resolve: Resolve | undefined, targets?: Targets): string {
  switch (format) {
    case "markdown":
      return renderMarkdown(source, resolve ? { resolve } : {}).html;
    case "html":
      return sanitise(source, resolve ? { resolve } : {}).html;
    case "discussion":
      return richText(source, resolve);
    case "link":
      return linkHtml(source);
    case "file":
      return fileHtml(source, targets);
  }
}

/** Text that an author typed into a plain field: HTML when it looks like it, else Markdown. */
export const richText = (source: string, resolve?: Resolve): string =>
  /<[a-z][a-z0-9]*[\s/>]/i.test(source)
    ? sanitise(source, resolve ? { resolve } : {}).html
    : renderMarkdown(source, resolve ? { resolve } : {}).html;

function linkHtml(source: string): string {
  const url = safeUrl(source, "link");
  if (!url || !/^https?:/i.test(url)) {
    throw new DomainError("invalid", "lesson.bad_link", "Please give an address that begins with https://.", {
      source: "Not a web address.",
    });
  }
  return sanitise(`<p><a href="${escapeAttribute(url)}">${escapeText(url.replace(/^https?:\/\//i, ""))}</a></p>`).html;
}

function fileHtml(assetId: string, targets: Targets | undefined): string {
  const asset = targets?.assets.get(assetId.trim());
  if (!asset) {
    throw new DomainError("invalid", "lesson.file_missing", "Choose a file of this course.", {
      source: "That file is not in this course.",
    });
  }
  const url = escapeAttribute(mediaUrl(asset));
  const name = escapeText(asset.fileName);
  const link = `<p><a href="${url}">${name}</a></p>`;
  const { contentType, disposition } = Storage.servedAs(asset.contentType);
  // Ours, not an author's: the sanitiser would take players away, and nothing in it comes from outside unescaped.
  if (contentType.startsWith("image/"))
    return `<figure><img src="${url}" alt="${escapeAttribute(asset.fileName)}"></figure>`;
  if (disposition === "inline" && contentType.startsWith("video/"))
    return `<video controls preload="metadata" src="${url}" aria-label="${escapeAttribute(asset.fileName)}"></video>\n${link}`;
  if (disposition === "inline" && contentType.startsWith("audio/"))
    return `<audio controls preload="metadata" src="${url}" aria-label="${escapeAttribute(asset.fileName)}"></audio>\n${link}`;
  return link;
}

/** Looks up what a source points to, within its own course only: two queries in one flight, none when it points nowhere. */
export async function targetsOf(
  tx: Db.Tx,
  course: { readonly id: string; readonly slug: string },
  format: LessonFormat,
  source: string,
): Promise<Targets> {
  const assetIds =
    format === "file"
      ? [source.trim()]
      : [...new Set([...source.matchAll(/asset:(ast_[0-9a-z]{26})/g)].map((m) => m[1] ?? ""))];
  const lessonIds = [...new Set([...source.matchAll(/lesson:(les_[0-9a-z]{26})/g)].map((m) => m[1] ?? ""))];
  const [assets, lessons] = await Promise.all([
    assetIds.length === 0
      ? []
      : tx
          .select({ id: assetTable.id, fileName: assetTable.fileName, contentType: assetTable.contentType })
          .from(assetTable)
          .where(and(eq(assetTable.courseId, course.id), inArray(assetTable.id, assetIds))),
    lessonIds.length === 0
      ? []
      : tx
          .select({ id: lessonTable.id, slug: lessonTable.slug })
          .from(lessonTable)
          .where(and(eq(lessonTable.courseId, course.id), inArray(lessonTable.id, lessonIds))),
  ]);
  return {
    courseSlug: course.slug,
    assets: new Map(assets.map((asset) => [asset.id, asset])),
    lessons: new Map(lessons.map((lesson) => [lesson.id, lesson.slug])),
  };
}

/** The id and slug of a course that the judge has just let the actor change. */
export async function courseRow(tx: Db.Tx, courseId: string): Promise<{ id: string; slug: string }> {
  const [row] = await tx
    .select({ id: courseTable.id, slug: courseTable.slug })
    .from(courseTable)
    .where(eq(courseTable.id, courseId));
  if (!row) throw new DomainError("not_found", "course.not_found", "That is not available.");
  return row;
}
