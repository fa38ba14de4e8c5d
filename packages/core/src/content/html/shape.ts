import { contains, type Element, isBlank, type Node, textContent } from "./node.ts";

/** Blocks that are kept. */
const blockTags: ReadonlySet<string> = new Set(
  "p h1 h2 h3 h4 h5 h6 blockquote pre ul ol dl table figure hr details".split(" "),
);
/** Blocks that only group: their content takes their place. */
export const groupTags: ReadonlySet<string> = new Set(
  "div section article main header footer aside nav address fieldset form center hgroup".split(" "),
);
/** Parts that mean something inside their parent only. */
const partTags: ReadonlySet<string> = new Set(
  "li dt dd figcaption summary caption colgroup col thead tbody tfoot tr th td".split(" "),
);

export const isBlock = (node: Element): boolean =>
  blockTags.has(node.tag) || groupTags.has(node.tag) || partTags.has(node.tag);
export const holdsBlock = (nodes: readonly Node[]): boolean => contains(nodes, isBlock);

/** Inline content only; where blocks stood there is a blank now. */
export const phrasing = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node) => {
    if (typeof node === "string") return [node];
    if (node.tag === "hr" || node.tag === "col") return [" "];
    const children = phrasing(node.children);
    return isBlock(node) ? [" ", ...children, " "] : [{ ...node, children }];
  });

/** Trims blanks and line breaks at both ends; returns nothing when only those were there. */
export function trim(nodes: readonly Node[]): Node[] {
  const out = [...nodes];
  const isEmpty = (node: Node | undefined): boolean =>
    node !== undefined && (typeof node === "string" ? isBlank(node) : node.tag === "br" || isHollow(node));
  while (isEmpty(out[0])) out.shift();
  while (isEmpty(out.at(-1))) out.pop();
  const first = out[0];
  if (typeof first === "string") out[0] = first.trimStart();
  const last = out.at(-1);
  if (typeof last === "string") out[out.length - 1] = last.trimEnd();
  return out;
}

/** An inline element that holds nothing to see and is no link's target. */
const isHollow = (node: Element): boolean =>
  !isBlock(node) &&
  node.tag !== "img" &&
  node.attributes.id === undefined &&
  isBlank(textContent(node.children)) &&
  !contains(node.children, (child) => child.tag === "img" || child.attributes.id !== undefined);

/** Some of an element's attributes, each as it is or as `read` understands it. */
export function pick(
  node: Element,
  names: readonly string[],
  read: (value: string) => string | undefined = (value) => value,
): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const raw = node.attributes[name];
    const value = raw === undefined ? undefined : read(raw);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
