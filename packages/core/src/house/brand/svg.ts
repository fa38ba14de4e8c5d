import { SaxesParser, type SaxesTagNS } from "saxes";
import { DomainError } from "../../kernel/error/index.ts";

const svgNamespace = "http://www.w3.org/2000/svg";
const xlink = "http://www.w3.org/1999/xlink";
const limits = { elements: 20_000, depth: 64, uses: 24 } as const;

/**
 * Elements that draw. Metadata, editor data, filters, animation and unknown elements are dropped with their content.
 */
const drawn = new Set(
  (
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan style " +
    "linearGradient radialGradient stop clipPath mask"
  ).split(" "),
);

/** Refuses a file with one of these, because without it the picture would look different. */
const refused: Readonly<Record<string, string>> = {
  script: "a script",
  foreignObject: "a web page",
  image: "an embedded picture",
  a: "a link",
};

const plain = new Set(
  (
    "id class style x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy width height d points viewBox preserveAspectRatio " +
    "transform pathLength offset gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits " +
    "maskContentUnits mask-type clip-path clip-rule mask color fill fill-opacity fill-rule opacity display " +
    "visibility overflow isolation mix-blend-mode paint-order vector-effect shape-rendering text-rendering " +
    "stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin " +
    "stroke-miterlimit stroke-opacity stroke-width font-family font-size font-stretch font-style font-variant " +
    "font-weight letter-spacing word-spacing text-anchor text-decoration textLength lengthAdjust rotate " +
    "dominant-baseline alignment-baseline baseline-shift"
  ).split(" "),
);

const functions = new Set(
  "url rgb rgba hsl hsla matrix translate translatex translatey rotate scale scalex scaley skewx skewy".split(" "),
);

export interface CleanSvg {
  readonly svg: string;
  /** Width by height, where the file says both. */
  readonly ratio: number | undefined;
}

/**
 * Rewrites an SVG from an allow list of elements and attributes, so it can neither run nor load anything. Refuses,
 * instead of removing, what the picture may need: scripts, embedded pages and pictures, links, event handlers, external
 * references, entities.
 * @throws logo.svg_refused
 */
export function cleanSvg(bytes: Uint8Array): CleanSvg {
  const parser = new SaxesParser({ xmlns: true });
  const out: string[] = [];
  const open: { readonly name: string; readonly isDrawn: boolean }[] = [];
  let [elements, uses] = [0, 0];
  let ratio: number | undefined;

  parser.on("doctype", (text) => {
    if (text.includes("[")) throw refusal("entities");
  });
  parser.on("error", () => {
    throw refusal("errors");
  });
  parser.on("opentag", (tag) => {
    elements += 1;
    if (elements > limits.elements || open.length >= limits.depth) throw refusal("too many parts");
    const found = refused[tag.local];
    if (found) throw refusal(found);
    const isOurs = tag.uri === svgNamespace || tag.uri === "";
    const parent = open.at(-1);
    const isDrawn = isOurs && drawn.has(tag.local) && (parent?.isDrawn ?? tag.local === "svg");
    if (tag.local === "use") uses += 1;
    if (uses > limits.uses) throw refusal("too many repeated parts");
    const isInside = open.some(({ name }) => name === "mask" || name === "clipPath");
    const attributes = attributesOf(tag, isInside);
    if (isDrawn) {
      if (!parent) ratio = ratioOf(attributes);
      const written = attributes.map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
      out.push(`<${tag.local}${parent ? "" : ` xmlns="${svgNamespace}"`}${written}>`);
    }
    open.push({ name: tag.local, isDrawn });
  });
  const addText = (text: string) => {
    const inside = open.at(-1);
    if (!inside?.isDrawn || !["text", "tspan", "style"].includes(inside.name)) return;
    if (inside.name === "style") judgeValue(text);
    out.push(escaped(text));
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const closed = open.pop();
    if (closed?.isDrawn) out.push(`</${closed.name}>`);
  });
  parser.write(decoded(bytes)).close();
  if (out.length === 0) throw refusal("no picture");
  return { svg: out.join(""), ratio };
}

function attributesOf(tag: SaxesTagNS, isInside: boolean): [string, string][] {
  const kept: [string, string][] = [];
  for (const { uri, local, value } of Object.values(tag.attributes)) {
    if (/^on/i.test(local)) throw refusal("an event handler");
    if (local === "href" && (uri === "" || uri === xlink)) {
      if (!/^#[\w.:-]{1,200}$/.test(value.trim())) throw refusal("a reference to another file");
      kept.push(["href", value.trim()]);
      continue;
    }
    // A mask within a mask within a mask multiplies the work of drawing.
    if (uri !== "" || !plain.has(local) || (isInside && (local === "mask" || local === "clip-path"))) continue;
    judgeValue(value);
    kept.push([local, value]);
  }
  return kept;
}

/** Admits a value or style sheet only when it calls nothing but colors, transforms and `url(#part)`. */
function judgeValue(value: string): void {
  if (/[\\@]/.test(value)) throw refusal("a style sheet that loads or hides something");
  for (let at = value.indexOf("("); at >= 0; at = value.indexOf("(", at + 1)) {
    const name = /(?<![a-z-])[a-z-]*$/i.exec(value.slice(Math.max(0, at - 24), at))?.[0].toLowerCase() ?? "";
    if (!functions.has(name)) throw refusal("a style sheet that loads or hides something");
    if (name === "url" && !/^\(\s*["']?#[\w.:-]{1,200}["']?\s*\)/.test(value.slice(at, at + 240)))
      throw refusal("a reference to another file");
  }
}

function ratioOf(attributes: readonly (readonly [string, string])[]): number | undefined {
  const of = new Map(attributes);
  const box =
    of
      .get("viewBox")
      ?.trim()
      .split(/[\s,]+/)
      .map(Number) ?? [];
  const [width, height] =
    box.length === 4
      ? [box[2], box[3]]
      : [of.get("width"), of.get("height")].map((length) => Number.parseFloat(length ?? ""));
  return width && height && width > 0 && height > 0 ? width / height : undefined;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refusal("text that is not UTF-8");
  }
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function refusal(what: string): DomainError {
  const message = `This SVG contains ${what}. Save it as a plain SVG without it, or upload a PNG.`;
  return new DomainError("invalid", "logo.svg_refused", message, { file: message });
}
