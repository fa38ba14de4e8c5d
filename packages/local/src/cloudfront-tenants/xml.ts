import { SaxesParser } from "saxes";

export const namespace = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

export interface Element {
  readonly text: string;
  readonly children: ReadonlyMap<string, readonly Element[]>;
}

interface Growing {
  text: string;
  children: Map<string, Growing[]>;
}

export function read(body: string): Element {
  const parser = new SaxesParser();
  const root: Growing = { text: "", children: new Map() };
  const open: Growing[] = [root];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name }) => {
    const made: Growing = { text: "", children: new Map() };
    const parent = open.at(-1) ?? root;
    parent.children.set(name, [...(parent.children.get(name) ?? []), made]);
    open.push(made);
  });
  parser.on("text", (text) => {
    const at = open.at(-1);
    if (at) at.text += text;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(body).close();
  const [first] = [...root.children.values()].flat();
  if (!first) throw new Error("there is no element");
  return first;
}

export const find = (element: Element | undefined, ...path: string[]): Element | undefined =>
  path.reduce<Element | undefined>((at, name) => at?.children.get(name)?.[0], element);

export const textAt = (element: Element, ...path: string[]): string | undefined => find(element, ...path)?.text;

export const listAt = (element: Element, ...path: string[]): readonly Element[] =>
  find(element, ...path)?.children.get("member") ?? [];

type Value = string | boolean | undefined | readonly Value[] | { readonly [name: string]: Value };

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Serializes a value as an element; omits undefined, and writes lists as `member` elements. */
export function write(name: string, value: Value, attributes = ""): string {
  if (value === undefined) return "";
  const inner = Array.isArray(value)
    ? value.map((each) => write("member", each)).join("")
    : typeof value === "object"
      ? Object.entries(value)
          .map(([key, each]) => write(key, each))
          .join("")
      : escaped(String(value));
  return `<${name}${attributes}>${inner}</${name}>`;
}

export const document = (name: string, value: Value): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${write(name, value, ` xmlns="${namespace}"`)}`;
