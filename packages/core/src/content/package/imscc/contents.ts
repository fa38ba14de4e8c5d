import { isDomainError } from "../../../kernel/error/index.ts";
import type { Tree } from "../../archive/index.ts";
import { escapeText } from "../../html/node.ts";
import { child, childrenOf, type Element, parseXml, textOf } from "../../xml.ts";
import { readHtmlPage } from "../html-page.ts";
import { decodeText } from "../markdown/pages.ts";
import { fileNameOf, titleFromName } from "../paths.ts";
import type { LessonFormat } from "../types.ts";
import { canvasAssignment, isUnpublished, withoutCanvasMarks } from "./canvas.ts";
import type { Resource } from "./manifest.ts";

/** What a resource has to say, before its links are known. */
export interface Content {
  readonly title: string;
  readonly format: LessonFormat;
  /** The original HTML of pages, discussions and assignments; the address of a link; the path of a file. */
  readonly body: string;
  readonly attachments: readonly string[];
  /** The file it was read from. */
  readonly path: string;
  /** Other files that went into it or say nothing more. */
  readonly used: readonly string[];
  readonly isDraft: boolean;
  readonly language: string | undefined;
}

/** Why a resource is no lesson. */
export interface Refusal {
  readonly title: string;
  readonly reason: string;
}

export const later = {
  quiz: "quizzes (QTI) come in a later release",
  lti: "a link to an outside tool (LTI) needs that tool; tools come in a later release",
} as const;

/** Reads one resource. `path` answers the true path of a file the manifest names. */
export async function readContent(
  tree: Tree,
  resource: Resource,
  path: (named: string) => string | undefined,
): Promise<Content | Refusal> {
  const main = resource.href === undefined ? undefined : path(resource.href);
  const name =
    resource.href === undefined ? resource.id : titleFromName(fileNameOf(resource.href).replace(/\.[^.]+$/, ""));
  if (resource.kind === "quiz") return { title: main ? await quizTitle(tree, main, name) : name, reason: later.quiz };
  if (main === undefined)
    return {
      title: name,
      reason: resource.href ? "the manifest names a file that is not in the package" : "it has no content",
    };
  try {
    return await readKind(tree, resource, main, name, path);
  } catch (error) {
    // A document type refuses the whole package; one damaged file only itself.
    if (isDomainError(error) && (error.code === "xml.malformed" || error.code === "html.too_large"))
      return {
        title: name,
        reason: error.code === "xml.malformed" ? "the file is damaged" : "the page is longer than 4 MB",
      };
    throw error;
  }
}

async function readKind(
  tree: Tree,
  resource: Resource,
  main: string,
  name: string,
  path: (named: string) => string | undefined,
): Promise<Content | Refusal> {
  const xml = async () => parseXml(await tree.read(main), main);
  if (resource.kind === "page") return page(tree, main, name, [], false);
  if (resource.kind === "file")
    return {
      ...plain,
      title: fileNameOf(main)
        .replace(/(?<=.)\.[a-z0-9]{1,5}$/i, "")
        .replaceAll("_", " "),
      format: "file",
      body: main,
      path: main,
    };
  if (resource.kind === "discussion") return discussion(await xml(), main, name);
  if (resource.kind === "assignment") return assignment(await xml(), main, name);
  if (resource.kind === "weblink") {
    const link = await xml();
    const url = child(link, "url")?.attributes.href?.trim() ?? "";
    const title = textOf(child(link, "title")) || name;
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
      return { title, reason: `its address is not one of the web: ${url.slice(0, 80)}` };
    return { ...plain, title, format: "link", body: url, path: main };
  }
  if (resource.kind === "lti") return { title: textOf(child(await xml(), "title")) || name, reason: later.lti };
  if (resource.kind === "associated") return associated(tree, resource, main, name, path);
  return { title: name, reason: `resources of type ${resource.type || "(none)"} are not known` };
}

const plain = { attachments: [], used: [], isDraft: false, language: undefined } as const;

async function page(
  tree: Tree,
  main: string,
  name: string,
  used: readonly string[],
  isDraft: boolean,
): Promise<Content> {
  const html = withoutCanvasMarks(decodeText(await tree.read(main)));
  const { title, meta, language } = readHtmlPage(html);
  return {
    title: title?.replace(/^Assignment:\s*/, "") ?? name,
    format: "html",
    body: html,
    attachments: [],
    path: main,
    used,
    isDraft: isDraft || meta.get("workflow_state") === "unpublished",
    language,
  };
}

function discussion(topic: Element, main: string, name: string): Content {
  return {
    ...plain,
    title: textOf(child(topic, "title")) || name,
    format: "discussion",
    body: textBody(child(topic, "text")),
    attachments: attachmentsOf(topic),
    path: main,
  };
}

function assignment(element: Element, main: string, name: string): Content {
  return {
    ...plain,
    title: textOf(child(element, "title")) || name,
    format: "html",
    body: textBody(child(element, "text")),
    attachments: attachmentsOf(element),
    path: main,
    isDraft: isUnpublished(canvasAssignment(element)),
  };
}

/** Canvas stores its syllabus and, in older versions, its assignments in resources meant for software. */
async function associated(
  tree: Tree,
  resource: Resource,
  main: string,
  name: string,
  path: (named: string) => string | undefined,
): Promise<Content | Refusal> {
  if (!/\.x?html?$/i.test(main)) {
    const reason = "settings of the system it came from";
    return { title: name, reason };
  }
  const settings = resource.files.find((file) => /\/assignment_settings\.xml$/.test(file));
  const settingsPath = settings === undefined ? undefined : path(settings);
  if (settingsPath === undefined) return page(tree, main, name, [], false);
  const element = parseXml(await tree.read(settingsPath), settingsPath);
  const content = await page(tree, main, name, [settingsPath], isUnpublished(element));
  return { ...content, title: textOf(child(element, "title")) || content.title };
}

/** The text of a topic: HTML, or plain text with its line breaks. */
function textBody(text: Element | undefined): string {
  const raw = text?.text ?? "";
  if ((text?.attributes.texttype ?? "text/html").toLowerCase() !== "text/plain") return withoutCanvasMarks(raw);
  return raw
    .split(/\n\s*\n/)
    .map((paragraph) => `<p>${escapeText(paragraph.trim()).replaceAll("\n", "<br>")}</p>`)
    .join("");
}

const attachmentsOf = (element: Element): string[] =>
  childrenOf(child(element, "attachments"), "attachment").flatMap((attachment) => attachment.attributes.href ?? []);

async function quizTitle(tree: Tree, main: string, name: string): Promise<string> {
  const head = (await tree.read(main)).subarray(0, 8192).toString("utf8");
  const title =
    /<(?:assessment|objectbank)\b[^<>]*?\stitle="([^"]{1,300})"/.exec(head)?.[1] ??
    /<fieldlabel>bank_title<\/fieldlabel>\s*<fieldentry>([^<]{1,300})</.exec(head)?.[1];
  return title === undefined
    ? name
    : title
        .replaceAll("&amp;", "&")
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&#39;", "'")
        .trim();
}
