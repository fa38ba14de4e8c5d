import { SaxesParser } from "saxes";
import { DomainError } from "../kernel/error/index.ts";

/** An element without its namespace prefix: cartridges of different versions differ in little else. */
export interface Element {
  readonly name: string;
  /** By local name, except `xml:lang` and the like, which keep their prefix. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** The element's own text and CDATA, without that of its children. */
  readonly text: string;
}

const xmlLimits = { bytes: 20 * 1024 * 1024, depth: 100, elements: 400_000 } as const;

/**
 * Parses foreign XML. Refuses any DOCTYPE or ENTITY as `xml.doctype` (they can read the server's files or expand
 * exponentially), and malformed, too deep or too large XML as `xml.malformed`.
 */
export function parseXml(source: Buffer | string, where: string): Element {
  if (source.length > xmlLimits.bytes) throw malformed(where, "it is too large");
  const text = typeof source === "string" ? source : decodeXml(source, where);
  const parser = new SaxesParser();
  const open: Growing[] = [];
  let root: Growing | undefined;
  let elements = 0;

  parser.on("doctype", () => {
    throw doctype(where);
  });
  parser.on("error", (error) => {
    throw /<!(?:doctype|entity)/i.test(text) ? doctype(where) : malformed(where, error.message);
  });
  parser.on("opentag", (tag) => {
    elements += 1;
    if (elements > xmlLimits.elements) throw malformed(where, "it holds too many elements");
    if (open.length >= xmlLimits.depth) throw malformed(where, "it is nested too deeply");
    const attributes = Object.create(null) as Record<string, string>;
    const element: Growing = { name: local(tag.name), attributes, children: [], text: "" };
    for (const [name, value] of Object.entries(tag.attributes))
      attributes[name.startsWith("xml:") ? name : local(name)] ??= value;
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (more: string) => {
    const element = open.at(-1);
    if (element) element.text += more;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    open.pop();
  });
  parser.write(text).close();
  if (!root) throw malformed(where, "it has no content");
  return root;
}

interface Growing extends Element {
  attributes: Record<string, string>;
  children: Growing[];
  text: string;
}

/** Refuses a DOCTYPE in an XML file that is not parsed. Looks only before the first element. */
export function refuseDoctype(source: Buffer, where: string): void {
  const head = decodeXml(source.subarray(0, 64 * 1024), where);
  if (/^\uFEFF?\s*(?:<\?[^>]*>\s*|<!--(?:(?!-->)[\s\S])*-->\s*)*<!(?:doctype|entity)/i.test(head)) throw doctype(where);
}

/** Reads UTF-8, UTF-16 with a mark, or what the declaration names. */
export function decodeXml(bytes: Buffer, where: string): string {
  const head = bytes.subarray(0, 200).toString("latin1");
  const mark = head.startsWith("\xff\xfe") ? "utf-16le" : head.startsWith("\xfe\xff") ? "utf-16be" : undefined;
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']/.exec(head)?.[1];
  try {
    return new TextDecoder(mark ?? declared ?? "utf-8").decode(bytes);
  } catch {
    throw malformed(where, `its encoding ${declared} is not known`);
  }
}

const local = (name: string): string => name.slice(name.indexOf(":") + 1);

const doctype = (where: string): DomainError =>
  new DomainError(
    "invalid",
    "xml.doctype",
    `${where} declares a document type, which can reach outside the package. Nothing was imported.`,
  );

const malformed = (where: string, why: string): DomainError =>
  new DomainError("invalid", "xml.malformed", `${where} is not well-formed XML: ${why}.`);

/** The first child of that name. */
export const child = (element: Element | undefined, name: string): Element | undefined =>
  element?.children.find((candidate) => candidate.name === name);

export const childrenOf = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((candidate) => candidate.name === name) ?? [];

/** Follows a path of first children. */
export const at = (element: Element | undefined, ...names: readonly string[]): Element | undefined =>
  names.reduce<Element | undefined>((found, name) => child(found, name), element);

/** All text of the element and below, blanks joined. */
export const textOf = (element: Element | undefined): string =>
  element ? deepText(element).replaceAll(/\s+/g, " ").trim() : "";

const deepText = (element: Element): string => `${element.text} ${element.children.map(deepText).join(" ")}`;
