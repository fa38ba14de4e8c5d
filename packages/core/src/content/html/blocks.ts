import type { Words } from "./inline.ts";
import { contains, type Element, element, isBlank, type Node, textContent } from "./node.ts";
import { groupTags, holdsBlock, isBlock, phrasing, pick, trim } from "./shape.ts";
import { table } from "./table.ts";

/**
 * Returns the content of a page or a quote as blocks: wraps bare text in paragraphs and drops empty ones. `mixed` keeps
 * bare text, as list items and cells may contain it.
 */
export function flow(nodes: readonly Node[], words: Words, mode: "blocks" | "mixed" = "blocks"): Node[] {
  const out: Node[] = [];
  let run: Node[] = [];
  let items: Element[] = [];
  const endRun = () => {
    const trimmed = trim(run);
    run = [];
    if (trimmed.length === 0) return;
    if (isOnlyAnchors(trimmed)) out.push(...trimmed.filter((node) => typeof node !== "string"));
    else if (mode === "mixed") out.push(...trimmed);
    else out.push(element("p", {}, trimmed));
  };
  const endItems = () => {
    if (items.length > 0) out.push(...list(element("ul", {}, items), words));
    items = [];
  };
  for (const node of nodes.flatMap(splitInline)) {
    if (typeof node !== "string" && node.tag === "li") {
      endRun();
      items.push(node);
      continue;
    }
    if (typeof node === "string" && isBlank(node) && run.length === 0) continue;
    endItems();
    if (typeof node === "string" || !isBlock(node)) {
      run.push(node);
      continue;
    }
    endRun();
    out.push(...block(node, words));
  }
  endRun();
  endItems();
  return out;
}

/** An inline element around blocks goes into each of them: `<a><h2>x</h2></a>` becomes `<h2><a>x</a></h2>`. */
function splitInline(node: Node): Node[] {
  if (typeof node === "string" || isBlock(node) || !holdsBlock(node.children)) return [node];
  const { id, ...attributes } = node.attributes;
  const isPlain = node.tag === "span" && Object.keys(attributes).length === 0;
  const wrap = (run: readonly Node[]): readonly Node[] =>
    isPlain || run.every((part) => typeof part === "string" && isBlank(part))
      ? run
      : [{ ...node, attributes, children: run }];
  const wrapRuns = (nodes: readonly Node[]): Node[] => {
    const out: Node[] = [];
    let run: Node[] = [];
    for (const part of nodes.flatMap(splitInline)) {
      if (typeof part === "string" || !isBlock(part)) {
        run.push(part);
        continue;
      }
      out.push(...wrap(run), { ...part, children: wrapRuns(part.children) });
      run = [];
    }
    return [...out, ...wrap(run)];
  };
  return [...(id === undefined ? [] : [element("span", { id }, [])]), ...wrapRuns(node.children)];
}

function block(node: Element, words: Words): readonly Node[] {
  const { tag, children } = node;
  if (tag === "p") return paragraph(node, words);
  if (/^h[1-6]$/.test(tag)) return heading(node, words);
  if (tag === "ul" || tag === "ol") return list(node, words);
  if (tag === "dl") return definitions(node, words);
  if (tag === "pre") return preformatted(node);
  if (tag === "table") return table(node, words, flow);
  if (tag === "hr") return [element("hr", {}, [])];
  if (tag === "blockquote") {
    const inside = flow(children, words);
    return inside.length === 0 ? [] : [element("blockquote", pick(node, ["id", "lang", "dir", "class"]), inside)];
  }
  if (tag === "figure") return figure(node, words);
  if (tag === "details") return details(node, words);
  // A group, or a part that lost its parent.
  const anchor = node.attributes.id === undefined ? [] : [element("span", { id: node.attributes.id }, [])];
  return [...anchor, ...flow(children, words)];
}

function paragraph(node: Element, words: Words): readonly Node[] {
  if (holdsBlock(node.children)) return flow(node.children, words);
  const children = trim(node.children);
  if (children.length === 0) return [];
  if (isOnlyAnchors(children)) return children.filter((child) => typeof child !== "string");
  return [element("p", pick(node, ["id", "lang", "dir"]), children)];
}

function heading(node: Element, words: Words): readonly Node[] {
  const children = plain(trim(phrasing(node.children)));
  if (children.length === 0) return [];
  const hasText = !isBlank(textContent(children));
  // An image without words is no heading.
  if (!hasText && !contains(children, (child) => child.tag === "img" && !isBlank(child.attributes.alt ?? "")))
    return flow(children, words);
  return [element(node.tag, pick(node, ["id", "lang", "dir"]), children)];
}

/** A heading is bold already. */
function plain(nodes: Node[]): Node[] {
  const [only] = nodes;
  const isBold =
    nodes.length === 1 && only !== undefined && typeof only !== "string" && /^(?:strong|b)$/.test(only.tag);
  return isBold ? plain(trim(only.children)) : nodes;
}

function list(node: Element, words: Words): readonly Node[] {
  const items: Element[] = [];
  for (const child of node.children.flatMap(splitInline)) {
    if (typeof child === "string" ? isBlank(child) : child.tag === "br") continue;
    if (typeof child !== "string" && child.tag === "li") {
      const inside = flow(child.children, words, "mixed");
      if (inside.length > 0) items.push(element("li", pick(child, ["id", "lang", "dir", "value"], number), inside));
      continue;
    }
    // Editors often write lists directly in lists; those belong to the previous item.
    const inside = flow([child], words, "mixed");
    const last = items.pop();
    if (inside.length === 0) {
      if (last) items.push(last);
    } else if (last && typeof child !== "string" && isBlock(child)) {
      items.push({ ...last, children: [...last.children, ...inside] });
    } else {
      const loose =
        typeof child !== "string" && (child.tag === "ul" || child.tag === "ol") ? unlist(inside) : undefined;
      if (last) items.push(last);
      items.push(...(loose ?? [element("li", {}, inside)]));
    }
  }
  if (items.length === 0) return [];
  const lone = items.length === 1 ? items[0] : undefined;
  // Editors make a list of one to push an image to the right.
  if (lone?.children.every((child) => typeof child !== "string" && child.tag === "img"))
    return [element("p", pick(lone, ["id"]), lone.children)];
  const attributes =
    node.tag === "ol"
      ? {
          ...pick(node, ["id", "lang", "dir", "reversed"]),
          ...pick(node, ["start"], number),
          ...pick(node, ["type"], kind),
        }
      : pick(node, ["id", "lang", "dir"]);
  return [element(node.tag, attributes, items)];
}

/** A list that held nothing but a list: its items move up. */
const unlist = (nodes: readonly Node[]): Element[] | undefined => {
  const [only] = nodes;
  if (nodes.length !== 1 || only === undefined || typeof only === "string") return undefined;
  return only.children.filter((child): child is Element => typeof child !== "string");
};

const number = (value: string): string | undefined => (/^-?\d{1,6}$/.test(value.trim()) ? value.trim() : undefined);
const kind = (value: string): string | undefined => (/^[1aAiI]$/.test(value) ? value : undefined);

/** Terms, each with its descriptions; a definition list with other content becomes ordinary text. */
function definitions(node: Element, words: Words): readonly Node[] {
  const parts = node.children
    .flatMap((child) => (typeof child !== "string" && groupTags.has(child.tag) ? child.children : [child]))
    .filter((child) => typeof child !== "string" || !isBlank(child));
  const elements = parts.filter((part): part is Element => typeof part !== "string" && /^d[td]$/.test(part.tag));
  const isOrdered =
    elements.length === parts.length &&
    elements[0]?.tag === "dt" &&
    elements.at(-1)?.tag === "dd" &&
    elements.every((part) => !isBlank(textContent(part.children)) || contains(part.children, (e) => e.tag === "img"));
  if (!isOrdered)
    return parts.flatMap((part) => {
      if (typeof part === "string" || part.tag !== "dt") return flow([part], words);
      const term = trim(phrasing(part.children));
      return term.length === 0 ? [] : [element("p", {}, [element("strong", {}, term)])];
    });
  return [
    element(
      "dl",
      pick(node, ["id", "lang", "dir"]),
      elements.map((part) =>
        part.tag === "dt"
          ? element("dt", pick(part, ["id"]), trim(phrasing(part.children)))
          : element("dd", pick(part, ["id"]), flow(part.children, words, "mixed")),
      ),
    ),
  ];
}

/** Code scrolls sideways, so the keyboard must reach it. */
function preformatted(node: Element): readonly Node[] {
  const children = preText(node.children);
  if (isBlank(textContent(children))) return [];
  return [element("pre", { ...pick(node, ["id", "lang", "dir"]), tabindex: "0" }, withoutFirstBreak(children))];
}

const preText = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node) => {
    if (typeof node === "string") return [node];
    if (node.tag === "br" || node.tag === "hr") return ["\n"];
    const children = preText(node.children);
    return isBlock(node) ? [...children, "\n"] : [{ ...node, children }];
  });

/** A parser swallows the line break that follows `<pre>`, so it cannot stay. */
function withoutFirstBreak(nodes: readonly Node[]): Node[] {
  const [first, ...rest] = nodes;
  if (typeof first !== "string") return [...nodes];
  const text = first.replace(/^[\r\n]+/, "");
  return text === "" ? withoutFirstBreak(rest) : [text, ...rest];
}

function figure(node: Element, words: Words): readonly Node[] {
  const caption = node.children.find(
    (child): child is Element => typeof child !== "string" && child.tag === "figcaption",
  );
  const rest = flow(
    node.children.filter((child) => child !== caption),
    words,
    "mixed",
  );
  const told = caption ? flow(caption.children, words, "mixed") : [];
  if (rest.length === 0) return flow(told, words);
  if (told.length === 0) return [element("figure", pick(node, ["id"]), rest)];
  return [element("figure", pick(node, ["id"]), [...rest, element("figcaption", {}, told)])];
}

function details(node: Element, words: Words): readonly Node[] {
  const summary = node.children.find((child): child is Element => typeof child !== "string" && child.tag === "summary");
  const title = summary ? trim(phrasing(summary.children)) : [];
  const rest = flow(
    node.children.filter((child) => child !== summary),
    words,
  );
  if (rest.length === 0) return flow(title, words);
  const named = isBlank(textContent(title)) ? [words.details] : unlink(title);
  return [element("details", pick(node, ["id", "open"]), [element("summary", {}, named), ...rest])];
}

/** A summary is a control; a link in it could not be reached. */
const unlink = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node) => {
    if (typeof node === "string") return [node];
    const children = unlink(node.children);
    return node.tag === "a" ? children : [{ ...node, children }];
  });

const isOnlyAnchors = (nodes: readonly Node[]): boolean =>
  nodes.every((node) =>
    typeof node === "string"
      ? isBlank(node)
      : node.tag === "span" && node.attributes.id !== undefined && node.children.length === 0,
  );
