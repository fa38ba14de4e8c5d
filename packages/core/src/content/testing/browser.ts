import { type DefaultTreeAdapterMap, parseFragment, serialize } from "parse5";

type Node = DefaultTreeAdapterMap["childNode"];

export interface Seen {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly namespace: string;
}

/**
 * Returns every element a browser would build from this fragment, in reading order. parse5 follows the HTML standard.
 */
export function elementsOf(html: string): Seen[] {
  const seen: Seen[] = [];
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (!("tagName" in node)) continue;
      seen.push({
        tag: node.tagName,
        attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])),
        namespace: node.namespaceURI,
      });
      walk("content" in node ? node.content.childNodes : node.childNodes);
    }
  };
  walk(parseFragment(html).childNodes);
  return seen;
}

/** Serializes a fragment as a browser parses it. Equal to the fragment when it was already in that form. */
export const asBrowserReads = (html: string): string => serialize(parseFragment(html));

const allowedTags: ReadonlySet<string> = new Set(
  (
    "h2 h3 h4 h5 h6 p blockquote pre ul ol li dl dt dd figure figcaption hr details summary div table caption thead tbody " +
    "tfoot tr th td a abbr b bdi bdo br cite code del dfn em i img ins kbd mark q ruby rp rt s samp small span strong " +
    "sub sup time var wbr u"
  ).split(" "),
);
const allowedAttributes: ReadonlySet<string> = new Set(
  (
    "id lang dir title href rel src alt width height loading decoding referrerpolicy class tabindex role aria-label " +
    "colspan rowspan scope start reversed type value open datetime"
  ).split(" "),
);

/** Returns why a fragment is unsafe, or an empty list. Parses it like a browser, not like the sanitizer. */
export function dangers(html: string): string[] {
  const found: string[] = [];
  for (const { tag, attributes, namespace } of elementsOf(html)) {
    if (namespace !== "http://www.w3.org/1999/xhtml") found.push(`<${tag}> of ${namespace}`);
    if (!allowedTags.has(tag)) found.push(`<${tag}>`);
    for (const [name, value] of Object.entries(attributes)) {
      if (!allowedAttributes.has(name)) found.push(`${tag} ${name}`);
      if (name === "id" && !value.startsWith("c-")) found.push(`id ${value}`);
      if (name === "href" || name === "src") {
        // Resolved the way a browser resolves it, blanks and all.
        const { protocol } = new URL(value, "https://school.example/learn/course/lesson");
        const isImage = name === "src";
        const allowed = isImage
          ? ["https:", "asset:", "data:"]
          : ["https:", "http:", "mailto:", "tel:", "asset:", "lesson:"];
        if (!allowed.includes(protocol)) found.push(`${name} ${value}`);
        if (protocol === "data:" && !/^data:image\/(png|gif|jpeg|webp);base64,/i.test(value))
          found.push(`src ${value}`);
      }
    }
  }
  return found;
}
