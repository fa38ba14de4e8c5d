import { contains, type Element, element, isBlank, type Node, textContent } from "./node.ts";
import { hostOf, isExternal, isPictureOfWords, safeUrl } from "./url.ts";

/** Resolves an address without its `#` part: another address, `null` for a missing target, `undefined` to keep it. */
export type Resolve = (url: string, kind: "link" | "image") => string | null | undefined;

/** Words the sanitiser writes itself. */
export interface Words {
  readonly table: string;
  readonly details: string;
  readonly missingImage: string;
  readonly openLink: string;
}
export const english: Words = {
  table: "Table",
  details: "Details",
  missingImage: "Image not available",
  openLink: "Open",
};

/** Resolves, checks and names links and images. Children are done already. */
export function inline(node: Element, resolve: Resolve | undefined, words: Words): readonly Node[] {
  if (node.tag === "a") return link(node, resolve, words);
  if (node.tag === "img") return image(node, resolve, words);
  if (node.tag === "span" || node.tag === "u") return hasMeaning(node) ? [node] : node.children;
  if (node.tag === "ruby") return [node];
  if (node.children.some((child) => isAnnotation(child)))
    return [{ ...node, children: annotationsFreed(node.children) }];
  if (emptyable.has(node.tag) && node.children.length === 0) return anchorOf(node);
  return [node];
}

/** Ruby text means nothing outside a ruby. */
const isAnnotation = (node: Node): boolean => typeof node !== "string" && (node.tag === "rt" || node.tag === "rp");
const annotationsFreed = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node) => (typeof node !== "string" && isAnnotation(node) ? node.children : [node]));

const emptyable: ReadonlySet<string> = new Set(
  "abbr b bdi bdo cite code del dfn em i ins kbd mark q ruby s samp small strong sub sup time var".split(" "),
);

/** A span is kept for its language, direction or code color, or as the target of a link. */
const hasMeaning = (node: Element): boolean =>
  ["class", "lang", "dir", "id"].some((name) => node.attributes[name] !== undefined);

const anchorOf = (node: Element): readonly Node[] =>
  node.attributes.id === undefined ? [] : [element("span", { id: node.attributes.id }, [])];

function link(node: Element, resolve: Resolve | undefined, words: Words): readonly Node[] {
  const { id } = node.attributes;
  const anchor: Record<string, string> = id === undefined ? {} : { id };
  const href = target(node.attributes.href, "link", resolve);
  const isNamed = !isBlank(textContent(node.children)) || contains(node.children, (child) => child.tag === "img");
  if (href === undefined || !isNamed)
    return id === undefined ? node.children : [element("span", anchor, []), ...node.children];
  const title = node.attributes.title?.trim();
  const attributes: Record<string, string> = {
    ...anchor,
    href,
    ...(title && title !== textContent(node.children).trim() ? { title } : {}),
    ...(isExternal(href) ? { rel: "noopener nofollow ugc" } : {}),
  };
  const children = unlinked(node.children);
  if (!isBlank(textContent(children))) return [element("a", attributes, children)];
  // The link contains only an image, which then names the link.
  const name = title || `${words.openLink} ${hostOf(href) ?? decode(href.split("/").at(-1) ?? href)}`;
  return [
    element(
      "a",
      attributes,
      children.map((child) => nameImage(child, name)),
    ),
  ];
}

function nameImage(node: Node, name: string): Node {
  if (typeof node === "string") return node;
  if (node.tag === "img") {
    const isNamed = !isBlank(node.attributes.alt ?? "");
    return isNamed ? node : { ...node, attributes: { ...node.attributes, alt: name } };
  }
  return { ...node, children: node.children.map((child) => nameImage(child, name)) };
}

/** A link cannot contain a link. */
const unlinked = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node) => {
    if (typeof node === "string") return [node];
    const children = unlinked(node.children);
    return node.tag === "a" ? children : [{ ...node, children }];
  });

function image(node: Element, resolve: Resolve | undefined, words: Words): readonly Node[] {
  const { alt, title, width, height } = node.attributes;
  if (alt && !isBlank(alt) && isPictureOfWords(node.attributes.src ?? "")) return [alt.trim()];
  const formula =
    node.attributes["data-equation-content"] ?? (isFormula(node) ? alt?.replace(/^LaTeX:\s*/, "") : undefined);
  if (formula && !isBlank(formula)) return [element("code", { class: "math" }, [formula.trim()])];
  // Images of one pixel count visitors.
  if (Number(width) <= 1 && Number(height) <= 1 && width !== undefined && height !== undefined) return [];
  const src = target(node.attributes.src, "image", resolve);
  if (src === undefined) {
    const what = alt && !isBlank(alt) ? `${words.missingImage}: ${alt.trim()}` : words.missingImage;
    return [element("em", { class: "missing-image" }, [`(${what})`])];
  }
  return [
    element(
      "img",
      {
        src,
        alt: alt?.trim() ?? "",
        ...(title && title.trim() !== alt?.trim() ? { title: title.trim() } : {}),
        ...(pixels(width) ? { width: pixels(width) ?? "" } : {}),
        ...(pixels(height) ? { height: pixels(height) ?? "" } : {}),
        loading: "lazy",
        decoding: "async",
        ...(isExternal(src) ? { referrerpolicy: "no-referrer" } : {}),
      },
      [],
    ),
  ];
}

const isFormula = (node: Element): boolean => (node.attributes.class ?? "").split(/\s+/).includes("equation_image");

const pixels = (value: string | undefined): string | undefined => {
  const number = /^\s*(\d{1,4})(?:px)?\s*$/.exec(value ?? "")?.[1];
  return number && Number(number) > 0 ? String(Number(number)) : undefined;
};

function target(raw: string | undefined, kind: "link" | "image", resolve: Resolve | undefined): string | undefined {
  if (raw === undefined) return undefined;
  const hash = kind === "link" ? raw.indexOf("#") : -1;
  const base = hash === -1 ? raw : raw.slice(0, hash);
  const fragment = hash === -1 ? "" : raw.slice(hash);
  const isInner = /^lesson:/i.test(base.trim());
  const resolved = base.trim() === "" ? undefined : resolve?.(base.trim(), kind);
  if (resolved === null) return undefined;
  // The ids of a lesson are prefixed, so links into another lesson are too.
  const behind =
    resolved !== undefined && isInner && fragment.length > 1 ? `#${idPrefix}${fragment.slice(1)}` : fragment;
  const url = safeUrl(`${resolved ?? base}${behind}`, kind);
  if (url === undefined || (kind === "image" && !/^http:/i.test(url))) return url;
  // Pages are served over https, where browsers do not load images over http.
  return kind === "image" ? url.replace(/^http:/i, "https:") : url;
}

/** Prefixes ids so that a lesson's cannot collide with the page's. */
export const idPrefix = "c-";
export const prefixed = (id: string): string => (id.startsWith(idPrefix) ? id : `${idPrefix}${id}`);

export const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
