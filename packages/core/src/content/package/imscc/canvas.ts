import type { Tree } from "../../archive/index.ts";
import { at, child, childrenOf, type Element, parseXml, textOf } from "../../xml.ts";
import { languageOf } from "./manifest.ts";

/** The part of Canvas's extensions that a course needs. */
export interface Canvas {
  readonly title: string | undefined;
  readonly language: string | undefined;
  /** Resource of the course's picture. */
  readonly coverId: string | undefined;
  /** By the identifier of the organization's item. */
  readonly items: ReadonlyMap<
    string,
    { readonly type: string; readonly url: string | undefined; readonly isDraft: boolean }
  >;
}

/** Reads a cartridge's Canvas settings, if any. Ignores damaged ones. */
export async function readCanvas(tree: Tree, base: string): Promise<Canvas> {
  const settings = await readOptional(tree, `${base}course_settings/course_settings.xml`);
  const modules = await readOptional(tree, `${base}course_settings/module_meta.xml`);
  const items = new Map<string, { type: string; url: string | undefined; isDraft: boolean }>();
  for (const module of childrenOf(modules, "module"))
    for (const item of childrenOf(child(module, "items"), "item"))
      items.set(item.attributes.identifier ?? "", {
        type: textOf(child(item, "content_type")),
        url: textOf(child(item, "url")) || undefined,
        isDraft: isUnpublished(item) || isUnpublished(module),
      });
  return {
    title: textOf(child(settings, "title")) || undefined,
    language: languageOf(textOf(child(settings, "locale"))),
    coverId: textOf(child(settings, "image_identifier_ref")) || undefined,
    items,
  };
}

export const isUnpublished = (element: Element | undefined): boolean =>
  textOf(child(element, "workflow_state")) === "unpublished";

/** The Canvas part of a standard assignment. */
export const canvasAssignment = (assignment: Element): Element | undefined =>
  at(assignment, "extensions", "assignment");

async function readOptional(tree: Tree, path: string): Promise<Element | undefined> {
  if (!tree.has(path)) return undefined;
  try {
    return parseXml(await tree.read(path), path);
  } catch (error) {
    if ((error as { code?: string }).code === "xml.malformed") return undefined;
    throw error;
  }
}

/** Removes what Canvas adds to pages for itself: spoken hints behind links, and the play button over links to films. */
export const withoutCanvasMarks = (html: string): string =>
  html
    .replaceAll(/(?<!&nbsp;|\s)(?:&nbsp;|\s)*(?:\(Links to an external site\.?\)|Links to an external site\.)/gi, "")
    .replaceAll(/<img\b[^<>]*>/gi, (tag) => (/\/images\/play_overlay\.png/i.test(tag) ? "" : tag));
