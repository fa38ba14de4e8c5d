import { type Resolve, safeUrl, sanitise } from "../content/html/index.ts";
import { escapeAttribute, escapeText } from "../content/html/node.ts";
import { render as renderMarkdown } from "../content/markdown/index.ts";
import { countWords, minutesFor, toText } from "../content/text.ts";
import { DomainError } from "../kernel/error/index.ts";
import { pathTo } from "../kernel/path/index.ts";
import { Storage } from "../kernel/storage/index.ts";
import { mediaUrl } from "./info.ts";
import type { LessonFormat, Targets } from "./targets.ts";

// Reading Markdown and HTML takes libraries of some size, so this is loaded when somebody first writes (rendering.ts).

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
      return slug ? pathTo.lesson(targets.courseSlug, slug) : null;
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
