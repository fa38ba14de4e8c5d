import { lazy } from "../lazy/index.ts";

/** Types a browser may show in place: none can run a script or be taken for a page. */
const inline: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "application/pdf",
  "audio/mpeg",
  "audio/mp4",
  "audio/ogg",
  "audio/wav",
  "audio/webm",
  "video/mp4",
  "video/ogg",
  "video/webm",
  "text/vtt",
]);

/** Pictures a cover or a logo may be. No SVG: it is a document that can run scripts. */
export const imageTypes = ["image/png", "image/jpeg", "image/webp", "image/avif", "image/gif"] as const;

/**
 * Returns the type a stored file is served as, and whether it opens in place. Only the allow list does; all else is
 * downloaded as plain bytes, so no upload can act as a page or script of the school's site. SVG keeps its type but is
 * an attachment: inside `<img>` browsers ignore the disposition and run no script.
 */
export function servedAs(contentType: string): {
  readonly contentType: string;
  readonly disposition: "inline" | "attachment";
} {
  const type = essence(contentType);
  if (inline.has(type)) return { contentType: type, disposition: "inline" };
  if (type === "image/svg+xml") return { contentType: type, disposition: "attachment" };
  return { contentType: "application/octet-stream", disposition: "attachment" };
}

/** `Text/HTML; charset=utf-8` is text/html. */
export const essence = (contentType: string): string => (contentType.split(";")[0] ?? "").trim().toLowerCase();

/** How many leading bytes `typeOf` wants to see. */
export const sniffBytes = 1024;

/** Two thousand names, which only an upload needs. */
const mimeTypes = lazy(() => import("mime-types"));

/**
 * Returns the type of a file by its content, else by its name, but then never a type that opens in place: those have
 * signatures, so a file without one is not what its name says.
 */
export async function typeOf(head: Uint8Array, fileName: string): Promise<string> {
  const sniffed = sniff(head);
  const { lookup } = (await mimeTypes()).default;
  const named = lookup(fileName) || "application/octet-stream";
  // Word, EPUB and the like are zip archives: the name says which.
  if (sniffed === "application/zip") return zipped.test(named) ? named : sniffed;
  if (sniffed) return sniffed;
  if (named === "text/vtt" && ascii(head, 0, 9).replace(/^ï»¿/, "").startsWith("WEBVTT")) return named;
  return inline.has(named) ? "application/octet-stream" : named;
}

const zipped = /^application\/(?:epub\+zip|vnd\.openxmlformats-|vnd\.oasis\.|java-archive|vnd\.)/;

function sniff(head: Uint8Array): string | undefined {
  if (starts(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (starts(head, [0xff, 0xd8, 0xff])) return "image/jpeg";
  const text = ascii(head, 0, 12);
  if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return "image/gif";
  if (text.startsWith("%PDF-")) return "application/pdf";
  if (text.startsWith("OggS")) return ascii(head, 0, 64).includes("theora") ? "video/ogg" : "audio/ogg";
  if (text.startsWith("RIFF")) return { WEBP: "image/webp", WAVE: "audio/wav" }[text.slice(8, 12)];
  if (starts(head, [0x1a, 0x45, 0xdf, 0xa3])) return ascii(head, 0, 64).includes("webm") ? "video/webm" : undefined;
  if (text.slice(4, 8) === "ftyp") return brands[text.slice(8, 12)] ?? "video/mp4";
  if (text.startsWith("ID3") || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2)) return "audio/mpeg";
  if (starts(head, [0x50, 0x4b, 0x03, 0x04]) || starts(head, [0x50, 0x4b, 0x05, 0x06])) return "application/zip";
  if (isSvg(head)) return "image/svg+xml";
  return undefined;
}

/** ISO base media files, by their major brand; the others are video. No browser shows HEIC. */
const brands: Readonly<Record<string, string>> = {
  avif: "image/avif",
  avis: "image/avif",
  "M4A ": "audio/mp4",
  "M4B ": "audio/mp4",
  heic: "image/heic",
  heix: "image/heic",
  mif1: "image/heif",
};

/** Does the text begin with `<svg`, after any XML declaration, comments and doctype? One pass over the text. */
function isSvg(head: Uint8Array): boolean {
  const text = new TextDecoder()
    .decode(head)
    .replace(/^\ufeff/, "")
    .toLowerCase();
  let at = afterBlanks(text, 0);
  for (;;) {
    const block = skippedBeforeSvg.find(([opening]) => text.startsWith(opening, at));
    if (!block) return /^<svg[\s>]$/.test(text.slice(at, at + 5));
    const end = text.indexOf(block[1], at + block[0].length);
    if (end < 0) return false;
    at = afterBlanks(text, end + block[1].length);
  }
}

/** What may come before the root element of an SVG: how it opens and how it closes. */
const skippedBeforeSvg = [
  ["<?xml", ">"],
  ["<!--", "-->"],
  ["<!doctype svg", ">"],
] as const;

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at).trim() === "") at += 1;
  return at;
}

const starts = (head: Uint8Array, bytes: readonly number[]): boolean => bytes.every((byte, i) => head[i] === byte);

const ascii = (head: Uint8Array, from: number, to: number): string => String.fromCharCode(...head.subarray(from, to));

/**
 * Returns `Content-Disposition` for a name of any script (RFC 6266): an ASCII form for old clients besides the true
 * one.
 */
export function dispositionOf(kind: "inline" | "attachment", fileName: string): string {
  const plain = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/g, "_");
  const exact = encodeURIComponent(fileName).replaceAll(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${exact}`;
}
