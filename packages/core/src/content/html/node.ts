import { parseDocument } from "htmlparser2";

/** A small tree of our own: easy to build, and the only one ever serialized. */
export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Node[];
}
export type Node = string | Element;

export const element = (
  tag: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly Node[],
): Element => ({
  tag,
  attributes,
  children,
});

type Foreign = ReturnType<typeof parseDocument>["children"][number];

/** Parses a fragment. Comments, processing instructions and document types fall away. */
export function parseFragment(html: string): Node[] {
  return parseDocument(html, { decodeEntities: true }).children.flatMap(fromForeign);
}

function fromForeign(node: Foreign): Node[] {
  if (node.type === "text") return [(node as { data: string } & Foreign).data];
  if (!("name" in node) || !("attribs" in node) || !("children" in node)) return [];
  return [element(node.name, node.attribs, node.children.flatMap(fromForeign))];
}

const voidTags: ReadonlySet<string> = new Set(["br", "hr", "img", "wbr", "col"]);

/** Writes a tree as HTML like browsers serialize it, so that parsing it again gives the same tree. */
export function serialise(nodes: readonly Node[]): string {
  let html = "";
  for (const node of nodes) {
    if (typeof node === "string") {
      html += escapeText(node);
      continue;
    }
    html += `<${node.tag}`;
    for (const [name, value] of Object.entries(node.attributes)) html += ` ${name}="${escapeAttribute(value)}"`;
    html += ">";
    if (!voidTags.has(node.tag)) html += `${serialise(node.children)}</${node.tag}>`;
  }
  return html;
}

export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("\u00a0", "&nbsp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

export const escapeAttribute = (text: string): string => escapeText(text).replaceAll('"', "&quot;");

/** Returns all text below the nodes, unchanged. */
export const textContent = (nodes: readonly Node[]): string =>
  nodes.map((node) => (typeof node === "string" ? node : textContent(node.children))).join("");

/** Nothing to see: blanks, including the non-breaking ones that editors leave behind. */
export const isBlank = (text: string): boolean => /^[\s\u00a0\u200b\ufeff]*$/.test(text);

export const contains = (nodes: readonly Node[], test: (element: Element) => boolean): boolean =>
  nodes.some((node) => typeof node !== "string" && (test(node) || contains(node.children, test)));

/** Rebuilds a tree bottom-up: `change` sees each element with its children already changed. */
export const rebuild = (nodes: readonly Node[], change: (element: Element) => readonly Node[]): Node[] =>
  nodes.flatMap((node) =>
    typeof node === "string" ? [node] : change({ ...node, children: rebuild(node.children, change) }),
  );
