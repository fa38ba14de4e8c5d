import { decode, prefixed, type Words } from "./inline.ts";
import { type Element, element, isBlank, type Node, rebuild, textContent } from "./node.ts";

/**
 * Sets the heading levels of a lesson body. The page has the one h1, so the body begins with h2, and no level is
 * skipped.
 */
export function levelHeadings(nodes: readonly Node[]): Node[] {
  const open: { was: number; is: number }[] = [];
  return rebuildInOrder(nodes, (node) => {
    const was = Number(/^h([1-6])$/.exec(node.tag)?.[1] ?? 0);
    if (was === 0) return node;
    while ((open.at(-1)?.was ?? 0) >= was) open.pop();
    const is = Math.min((open.at(-1)?.is ?? 1) + 1, 6);
    open.push({ was, is });
    return { ...node, tag: `h${is}` };
  });
}

/** Ids that may stay: without blanks, of limited length, not only signs. The old `<a name>` is an id too. */
export const withValidId = (node: Element): Element => {
  const { id: own, name, ...attributes } = node.attributes;
  const id = [own, node.tag === "a" ? name : undefined].find(
    (value) => value && /^[\p{L}\p{N}_.:-]{1,120}$/u.test(value),
  );
  return { ...node, attributes: id === undefined ? attributes : { id, ...attributes } };
};

/** Prefixes ids, makes them unique, and updates links to them; a link without a target becomes its text. */
export function linkIds(nodes: readonly Node[]): Node[] {
  const taken = new Set<string>();
  const unique = distinct(taken, (base, times) => `${base}-${times}`);
  const withIds = rebuildInOrder(nodes, (node) => {
    const raw = node.attributes.id;
    if (raw === undefined) return node;
    const { id: _, ...attributes } = node.attributes;
    const id = unique(prefixed(raw));
    return { ...node, attributes: { id, ...attributes } };
  });
  return rebuild(withIds, (node) => {
    if (node.tag === "a" && node.attributes.href?.startsWith("#")) {
      const raw = node.attributes.href.slice(1);
      const written = [raw, decode(raw)];
      // An author's own id may begin with the prefix already.
      const id = [...written, ...written.map((each) => each.replace(/^c-/, ""))]
        .map(prefixed)
        .find((candidate) => taken.has(candidate));
      if (id === undefined) return node.children;
      return [{ ...node, attributes: { ...node.attributes, href: `#${encodeURIComponent(id)}` } }];
    }
    return [node];
  });
}

/** Names each scrolling region after its table's caption, or by number where there are several. */
export function labelTables(nodes: readonly Node[], words: Words): Node[] {
  let count = 0;
  const unique = distinct(new Set(), (label, times) => `${label} (${times})`);
  return rebuildInOrder(nodes, (node) => {
    if (node.attributes.class !== "table-scroll") return node;
    count += 1;
    const [inside] = node.children;
    const caption = (typeof inside === "string" ? [] : (inside?.children ?? [])).find(
      (child): child is Element => typeof child !== "string" && child.tag === "caption",
    );
    const told = caption ? textContent(caption.children).replaceAll(/\s+/g, " ").trim() : "";
    const label = unique(isBlank(told) ? (count === 1 ? words.table : `${words.table} ${count}`) : told);
    return element(node.tag, { ...node.attributes, "aria-label": label }, node.children);
  });
}

/** Returns each name once. Remembers its counters, so that a thousand equal names do not count a million times. */
function distinct(taken: Set<string>, another: (name: string, times: number) => string): (name: string) => string {
  const times = new Map<string, number>();
  return (name) => {
    let unique = name;
    let count = times.get(name) ?? 1;
    while (taken.has(unique)) {
      count += 1;
      unique = another(name, count);
    }
    times.set(name, count);
    taken.add(unique);
    return unique;
  };
}

/** Top-down, in reading order. */
const rebuildInOrder = (nodes: readonly Node[], change: (node: Element) => Element): Node[] =>
  nodes.map((node) => {
    if (typeof node === "string") return node;
    const changed = change(node);
    return { ...changed, children: rebuildInOrder(changed.children, change) };
  });
