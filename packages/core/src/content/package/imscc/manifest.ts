import { at, child, childrenOf, type Element, textOf } from "../../xml.ts";
import { isAbsolute, pathOfUrl, resolvePath } from "../paths.ts";

export type ResourceKind =
  | "page"
  | "file"
  | "discussion"
  | "weblink"
  | "lti"
  | "quiz"
  | "assignment"
  | "associated"
  | "other";

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly kind: ResourceKind;
  /** Path in the package, or undefined for a resource without an entry page. */
  readonly href: string | undefined;
  readonly files: readonly string[];
  readonly dependencies: readonly string[];
  readonly intendedUse: string | undefined;
  /** The resource this one is another form of. */
  readonly variantOf: string | undefined;
}

export interface Item {
  readonly id: string;
  readonly title: string;
  readonly resourceId: string | undefined;
  readonly children: readonly Item[];
}

export interface Manifest {
  /** SCORM packages have a manifest of the same name. */
  readonly isScorm: boolean;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly language: string | undefined;
  /** The top level of the first organization. */
  readonly items: readonly Item[];
  readonly resources: ReadonlyMap<string, Resource>;
}

/** Reads a manifest of any Common Cartridge version: they differ in namespaces, which it ignores. */
export function readManifest(root: Element): Manifest {
  const metadata = child(root, "metadata");
  const general = at(metadata, "lom", "general");
  const organization = child(child(root, "organizations"), "organization");
  const resources = new Map<string, Resource>();
  const list = child(root, "resources");
  const base = (element: Element | undefined): string => element?.attributes["xml:base"] ?? "";
  for (const element of childrenOf(list, "resource")) {
    const resource = readResource(element, `${base(root)}${base(list)}${base(element)}`);
    if (resource.id !== "" && !resources.has(resource.id)) resources.set(resource.id, resource);
  }
  return {
    isScorm: /scorm/i.test(textOf(child(metadata, "schema"))) || childrenOf(list, "resource").some(hasScormType),
    title: words(child(general, "title")) ?? (textOf(child(organization, "title")) || undefined),
    description: words(child(general, "description")),
    language: languageOf(textOf(child(general, "language")) || root.attributes["xml:lang"]),
    items: topItems(childrenOf(organization, "item").map(readItem)),
    resources,
  };
}

const hasScormType = (resource: Element): boolean =>
  Object.keys(resource.attributes).some((name) => name.toLowerCase() === "scormtype");

/** A text of the metadata: `string` in LOM, `langstring` in older versions, or bare. The first language counts. */
const words = (element: Element | undefined): string | undefined =>
  textOf(child(element, "string")) || textOf(child(element, "langstring")) || textOf(element) || undefined;

/** BCP 47, or undefined for what is none. */
export const languageOf = (text: string | undefined): string | undefined => {
  const tag = text?.trim().replaceAll("_", "-");
  return tag && /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(tag) ? tag : undefined;
};

const readItem = (element: Element): Item => ({
  id: element.attributes.identifier ?? "",
  title: textOf(child(element, "title")),
  resourceId: element.attributes.identifierref || undefined,
  children: childrenOf(element, "item").map(readItem),
});

/**
 * Returns the items below the cartridge's root item, which represents the course. Some tools omit it; a lone item is
 * then a module if no item below it has items.
 */
function topItems(items: readonly Item[]): readonly Item[] {
  const [only] = items;
  if (items.length !== 1 || only === undefined || only.resourceId !== undefined || only.children.length === 0)
    return items;
  const isRoot = only.title === "" || only.children.some((item) => item.children.length > 0);
  return isRoot ? only.children : items;
}

function readResource(element: Element, base: string): Resource {
  const type = element.attributes.type ?? "";
  const path = (href: string | undefined): string | undefined =>
    href === undefined || href === "" || isAbsolute(href) ? undefined : resolvePath("", `${base}${href}`);
  const files = childrenOf(element, "file").flatMap((file) => path(file.attributes.href) ?? []);
  const href = path(element.attributes.href) ?? files[0];
  return {
    id: element.attributes.identifier ?? "",
    type,
    kind: kindOf(type, href),
    href,
    files,
    dependencies: childrenOf(element, "dependency").flatMap((dependency) => dependency.attributes.identifierref ?? []),
    intendedUse: element.attributes.intendeduse?.toLowerCase(),
    variantOf: child(element, "variant")?.attributes.identifierref,
  };
}

function kindOf(type: string, href: string | undefined): ResourceKind {
  const bare = type.toLowerCase();
  if (bare.startsWith("imsdt_")) return "discussion";
  if (bare.startsWith("imswl_")) return "weblink";
  if (bare.startsWith("imsqti_") || bare.includes("imsqti")) return "quiz";
  if (/^ims(?:basic)?lti/.test(bare)) return "lti";
  if (bare.startsWith("assignment_")) return "assignment";
  if (bare.startsWith("associatedcontent/")) return "associated";
  if (href === undefined) return "other";
  return /\.x?html?$/i.test(pathOfUrl(href)) ? "page" : "file";
}
