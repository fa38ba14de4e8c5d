import type { Words } from "./inline.ts";
import { contains, type Element, element, isBlank, type Node, textContent } from "./node.ts";
import { phrasing, pick, trim } from "./shape.ts";

type Flow = (nodes: readonly Node[], words: Words, mode?: "blocks" | "mixed") => Node[];

/**
 * Returns a complete table (caption, head, bodies) in a scrollable, focusable region. Content between its parts moves
 * in front of it. The content of a one-cell table, used for layout, replaces it.
 */
export function table(node: Element, words: Words, flow: Flow): readonly Node[] {
  const strays: Node[] = [];
  const sections: Element[] = [];
  let caption: Node[] = [];
  let loose: Element[] = [];
  const endLoose = () => {
    if (loose.length > 0) sections.push(element("tbody", {}, loose));
    loose = [];
  };
  for (const child of node.children) {
    if (typeof child === "string") {
      if (!isBlank(child)) strays.push(child);
      continue;
    }
    if (child.tag === "tr") loose.push(child);
    else if (child.tag === "td" || child.tag === "th") loose.push(element("tr", {}, [child]));
    else if (child.tag === "thead" || child.tag === "tbody" || child.tag === "tfoot") {
      endLoose();
      sections.push(child);
    } else if (child.tag === "caption") caption = caption.length > 0 ? caption : trim(phrasing(child.children));
    else if (child.tag !== "colgroup" && child.tag !== "col") strays.push(child);
  }
  endLoose();

  const ready = sections
    .map((section) => rowsOf(section, words, flow, strays))
    .filter((section) => section.children.length > 0);
  const before = flow(strays, words);
  const cells = ready
    .flatMap((section) => section.children as readonly Element[])
    .flatMap((row) => row.children as Element[]);
  if (cells.length <= 1)
    return [
      ...flow(caption, words),
      ...before,
      ...flow(
        cells.flatMap((cell) => cell.children),
        words,
      ),
    ];
  if (
    !cells.some(
      (cell) => !isBlank(textContent(cell.children)) || contains(cell.children, (inside) => inside.tag === "img"),
    )
  )
    return before;
  const [head, ...bodies] = inOrder(ready);
  const children = [
    ...(caption.length > 0 ? [element("caption", {}, caption)] : []),
    ...(head ? [head] : []),
    ...bodies,
  ];
  // The label is given when all tables of the page are known.
  const scroll = { class: "table-scroll", role: "region", tabindex: "0", "aria-label": "" };
  return [...before, element("div", scroll, [element("table", pick(node, ["id", "lang", "dir"]), children)])];
}

/** Heads first, feet last, so that reading order and sight agree. */
const inOrder = (sections: readonly Element[]): Element[] => {
  const rank = (section: Element) => (section.tag === "thead" ? 0 : section.tag === "tfoot" ? 2 : 1);
  const heads = sections.filter((section) => section.tag === "thead");
  const merged =
    heads.length > 1
      ? [
          element(
            "thead",
            {},
            heads.flatMap((section) => section.children),
          ),
        ]
      : heads;
  return [...merged, ...sections.filter((section) => section.tag !== "thead").sort((a, b) => rank(a) - rank(b))];
};

function rowsOf(section: Element, words: Words, flow: Flow, strays: Node[]): Element {
  const rows: Element[] = [];
  for (const child of section.children) {
    if (typeof child === "string") {
      if (!isBlank(child)) strays.push(child);
    } else if (child.tag === "tr") {
      const cells = cellsOf(child, section.tag === "thead", words, flow, strays);
      if (cells.length > 0) rows.push(element("tr", {}, cells));
    } else if (child.tag === "td" || child.tag === "th") {
      rows.push(element("tr", {}, cellsOf(element("tr", {}, [child]), section.tag === "thead", words, flow, strays)));
    } else strays.push(child);
  }
  return element(section.tag, {}, rows);
}

function cellsOf(row: Element, isHead: boolean, words: Words, flow: Flow, strays: Node[]): Element[] {
  const cells: Element[] = [];
  for (const child of row.children) {
    if (typeof child === "string") {
      if (!isBlank(child)) strays.push(child);
      continue;
    }
    if (child.tag !== "td" && child.tag !== "th") {
      strays.push(child);
      continue;
    }
    cells.push(cell(child, isHead, cells.length === 0, words, flow));
  }
  return cells;
}

function cell(node: Element, isHead: boolean, isFirst: boolean, words: Words, flow: Flow): Element {
  const children = soleParagraph(flow(node.children, words, "mixed"));
  const isEmpty = isBlank(textContent(children)) && !contains(children, (child) => child.tag === "img");
  // A heading cell without words names nothing.
  const tag = node.tag === "th" && !isEmpty ? "th" : "td";
  const align = /^(left|center|right)$/i.exec(node.attributes.align ?? "")?.[1]?.toLowerCase();
  const scope =
    /^(?:row|col)(?:group)?$/.exec(node.attributes.scope ?? "")?.[0] ?? (isHead ? "col" : isFirst ? "row" : "col");
  return element(
    tag,
    {
      ...pick(node, ["id", "lang", "dir", "class"]),
      ...(align && node.attributes.class === undefined ? { class: `align-${align}` } : {}),
      ...pick(node, ["colspan", "rowspan"], span),
      ...(tag === "th" ? { scope } : {}),
    },
    children,
  );
}

const span = (value: string): string | undefined =>
  /^\d{1,3}$/.test(value) && Number(value) > 1 ? String(Number(value)) : undefined;

/** A cell with one paragraph is a cell with its text. */
const soleParagraph = (nodes: Node[]): readonly Node[] => {
  const [only] = nodes;
  return nodes.length === 1 && only !== undefined && typeof only !== "string" && only.tag === "p" && !only.attributes.id
    ? only.children
    : nodes;
};
