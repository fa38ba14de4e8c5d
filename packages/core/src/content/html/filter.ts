import sanitizeHtml, { type Attributes, type IOptions, type Tag } from "sanitize-html";
import { embeddedPage, safeUrl } from "./url.ts";

export interface Removed {
  /** In words a teacher understands: "script", "inline style". */
  readonly what: string;
  readonly count: number;
}

/** Elements of reading material. All others are dropped; `structure.ts` then repairs the rest. */
const allowedTags = [
  ..."h1 h2 h3 h4 h5 h6 p blockquote pre ul ol li dl dt dd figure figcaption hr details summary".split(" "),
  ..."table caption colgroup col thead tbody tfoot tr th td div".split(" "),
  ..."a abbr b bdi bdo br cite code del dfn em i img ins kbd mark q ruby rp rt s samp small span strong".split(" "),
  ..."sub sup time var wbr".split(" "),
  // Only their being a block matters; the structure step takes them away.
  ..."section article main header footer aside nav address fieldset form center hgroup".split(" "),
];

/** Their content is not text for a reader, so it goes with them. */
const nonTextTags = (
  "script style textarea option select datalist xmp noscript template svg iframe title noembed noframes plaintext " +
  "object embed applet canvas map"
).split(" ");

const renamed: Readonly<Record<string, string>> = {
  strike: "s",
  tt: "code",
  dir: "ul",
  menu: "ul",
  listing: "pre",
  acronym: "abbr",
};

/** First step: a strict allow list, by sanitize-html. `removed` counts what a reader or author could miss. */
export function filter(html: string): { html: string; removed: Removed[] } {
  const removed = new Map<string, number>();
  const count = (what: string) => removed.set(what, (removed.get(what) ?? 0) + 1);
  // The declaration of the package lacks an option that it has.
  const options: IOptions & { readonly allowedEmptyAttributes: string[] } = {
    allowedTags,
    nonTextTags,
    // Browsers and our own recursion have a limit too; no real lesson is this deep.
    nestingLimit: 80,
    allowedAttributes: {
      "*": ["id", "lang", "dir", "title"],
      a: ["href", "name"],
      img: ["src", "alt", "width", "height", "data-equation-content"],
      ol: ["start", "reversed", "type"],
      li: ["value"],
      th: ["colspan", "rowspan", "scope", "abbr", "align"],
      td: ["colspan", "rowspan", "align"],
      col: ["span"],
      colgroup: ["span"],
      details: ["open"],
      time: ["datetime"],
      div: ["role", "aria-label"],
    },
    allowedClasses: {
      code: ["hljs", "math", /^language-[\w+#-]{1,30}$/],
      span: [/^hljs-[\w-]{1,30}$/, /^[a-z]{1,20}_{1,2}$/],
      blockquote: ["callout", /^callout-(?:note|tip|important|warning|caution)$/],
      em: ["missing-image"],
      th: [/^align-(?:left|center|right)$/],
      td: [/^align-(?:left|center|right)$/],
      div: ["table-scroll"],
      img: ["equation_image"],
    },
    allowedSchemes: ["http", "https", "mailto", "tel", "asset", "lesson"],
    allowedSchemesByTag: { img: ["http", "https", "asset", "data"] },
    allowedSchemesAppliedToAttributes: ["href", "src"],
    allowedEmptyAttributes: ["alt", "open", "reversed"],
    parseStyleAttributes: false,
    onOpenTag: (name, attributes) => tally(name, attributes, count),
    transformTags: {
      ...Object.fromEntries(Object.entries(renamed).map(([from, to]) => [from, sanitizeHtml.simpleTransform(to, {})])),
      iframe: toLink("src"),
      embed: toLink("src"),
      video: toLink("src"),
      audio: toLink("src"),
      source: toLink("src"),
      object: toLink("data"),
    },
  };
  return { html: sanitizeHtml(html, options), removed: [...removed].map(([what, times]) => ({ what, count: times })) };
}

const toLink =
  (attribute: string) =>
  (tagName: string, attribs: Attributes): Tag => {
    const source = attribs[attribute] ?? "";
    const page = embeddedPage(source, attribs.title ?? attribs["aria-label"] ?? "");
    if (page) return { tagName: "a", attribs: { href: page.href }, text: page.text };
    // A file of the package or of the school.
    if (source && !/^[a-z][\w+.-]*:/i.test(source.replaceAll(/[\p{Cc}\s]/gu, "").replace(/^(?:asset|lesson):/i, "")))
      return { tagName: "a", attribs: { href: source }, text: attribs.title ?? `Open the ${words[tagName] ?? "file"}` };
    return { tagName, attribs: {} };
  };

const words: Readonly<Record<string, string>> = { video: "video", audio: "sound" };

const named: Readonly<Record<string, string>> = {
  script: "script",
  style: "style sheet",
  link: "style sheet",
  iframe: "embedded page, now a link",
  embed: "embedded file, now a link",
  object: "embedded file, now a link",
  video: "video, now a link",
  audio: "sound, now a link",
  applet: "applet",
  svg: "inline drawing",
  canvas: "inline drawing",
  form: "form",
  input: "form field",
  select: "form field",
  textarea: "form field",
  button: "button",
};

function tally(name: string, attributes: Attributes, count: (what: string) => void): void {
  const what = named[name];
  if (what && !(name === "link" && !/stylesheet/i.test(attributes.rel ?? ""))) count(what);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (/^on/i.test(attribute)) count("event handler");
    else if (attribute === "style") count("inline style");
    else if ((attribute === "href" && name === "a") || (attribute === "src" && name === "img")) {
      const isRelative = !/^[a-z][\w+.-]*:/i.test(value.replaceAll(/[\p{Cc}\s]/gu, ""));
      if (!isRelative && safeUrl(value, name === "a" ? "link" : "image") === undefined) count("unsafe address");
    }
  }
}
