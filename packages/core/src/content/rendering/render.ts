import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { DomainError, isDomainError } from "../../kernel/error/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { servedAs } from "../../kernel/storage/media-type.ts";
import { type Resolve, safeUrl, sanitise } from "../html/index.ts";
import { escapeAttribute, escapeText } from "../html/node.ts";
import { render as renderMarkdown, withoutTitle } from "../markdown/index.ts";
import { countWords, minutesFor, toText } from "../text.ts";
import type { LessonFormat, Targets } from "./targets.ts";

// Loaded on first use (rendering.ts), because the Markdown and HTML libraries are large. It is also the code of a
// thread: each bundle that contains this file starts its threads from it.

export interface RenderedLesson {
  /** What learners read: sanitised, inner links resolved. */
  readonly html: string;
  /** Estimated from the number of words. */
  readonly minutes: number;
  /** Of a page that names itself. */
  readonly title?: string | undefined;
  /** Rendering took too long, so this is the source as text. */
  readonly isPlain?: boolean;
}

export type Job =
  | {
      readonly kind: "lesson";
      readonly format: LessonFormat;
      readonly source: string;
      readonly targets: Targets | undefined;
    }
  | { readonly kind: "text" | "page"; readonly source: string };

export type Outcome =
  | { readonly rendered: RenderedLesson }
  | { readonly refused: Pick<DomainError, "kind" | "code" | "message" | "fields"> }
  | { readonly failed: string };

/** Where a thread begins. */
export const entry = import.meta.url;

export function renderJob(job: Job): RenderedLesson {
  if (job.kind === "lesson") return renderSource(job.format, job.source, job.targets);
  if (job.kind === "text") return { html: richText(job.source), minutes: 1 };
  const { title, isNamed } = renderMarkdown(job.source);
  return { html: renderMarkdown(withoutTitle(job.source)).html, minutes: 1, title: isNamed ? title : undefined };
}

function outcomeOf(job: Job): Outcome {
  try {
    return { rendered: renderJob(job) };
  } catch (error) {
    if (!isDomainError(error))
      return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const { kind, code, message, fields } = error;
    return { refused: { kind, code, message, fields } };
  }
}

if (!isMainThread && workerData?.lectern === "render" && parentPort) {
  const port = parentPort;
  port.on("message", (job: Job) => port.postMessage(outcomeOf(job)));
  port.postMessage("ready");
}

/** A source as text: its paragraphs and lines, nothing else. */
export const plainText = (source: string): RenderedLesson => ({
  html: source
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeText(paragraph.trim()).replaceAll("\n", "<br>")}</p>`)
    .join("\n"),
  minutes: minutesFor(countWords(source)),
  isPlain: true,
});

/** `asset:<id>` -> `/media/<id>/<file name>`, `lesson:<id>` -> `/learn/<course>/<lesson>`; null when it is not there. */
export const resolverOf =
  (targets: Targets): Resolve =>
  (url) => {
    const [, scheme, id = ""] = /^(asset|lesson):(.*)$/.exec(url) ?? [];
    if (scheme === "asset") {
      const asset = targets.assets.get(id);
      return asset ? pathTo.media(asset.id, asset.fileName) : null;
    }
    if (scheme === "lesson") {
      const slug = targets.lessons.get(id);
      return slug ? pathTo.lesson(targets.courseSlug, slug) : null;
    }
    return undefined;
  };

/** Renders a lesson's source for learners. Without targets, inner addresses stay unchanged (for a preview). */
function renderSource(format: LessonFormat, source: string, targets?: Targets): RenderedLesson {
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

/** Renders text from a plain field: as HTML when it looks like it, else as Markdown. */
const richText = (source: string, resolve?: Resolve): string =>
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
  const url = escapeAttribute(pathTo.media(asset.id, asset.fileName));
  const name = escapeText(asset.fileName);
  const link = `<p><a href="${url}">${name}</a></p>`;
  const { contentType, disposition } = servedAs(asset.contentType);
  // Our own markup, which the sanitizer would remove; everything from outside in it is escaped.
  if (contentType.startsWith("image/"))
    return `<figure><img src="${url}" alt="${escapeAttribute(asset.fileName)}"></figure>`;
  if (disposition === "inline" && contentType.startsWith("video/"))
    return `<video controls preload="metadata" src="${url}" aria-label="${escapeAttribute(asset.fileName)}"></video>\n${link}`;
  if (disposition === "inline" && contentType.startsWith("audio/"))
    return `<audio controls preload="metadata" src="${url}" aria-label="${escapeAttribute(asset.fileName)}"></audio>\n${link}`;
  return link;
}
