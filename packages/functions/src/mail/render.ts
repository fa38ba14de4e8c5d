import { shownEmail } from "@lectern/core/util/email";
import { parts } from "./layout.parts.ts";
import { encodedHref, type Letter, type Look } from "./letter.ts";
import { piecesOf, plainly } from "./said.ts";

export interface Rendered {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Doctype that old mail clients lay out by. */
export const doctype =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">';

/** Returns a letter's HTML and plain text in a school's look. */
export function renderLetter(letter: Letter, look: Look): Rendered {
  return {
    // A line break in a subject would end the header.
    subject: plainly(letter.subject).replaceAll(/\s+/g, " ").trim(),
    html: doctype + toHtml(letter, look),
    text: toText(letter, look),
  };
}

/** Assembles the layout's parts, byte for byte as React renders layout.tsx. */
function toHtml(letter: Letter, look: Look): string {
  const { title, paragraphs, quote, facts, button, after = [], why, stop } = letter;
  const { schoolName, url, accent, onAccent, edge, radius, logoUrl, logoHasName, address, legal } = look;
  const each = <T>(list: readonly T[], of: (item: T) => string): string => list.map(of).join("");
  const lines = (text: string) => each(text.split(/\n+/), (line) => filled(parts.quoteLine, { text: line }));
  const body = [
    each(paragraphs, (text) => filled(parts.paragraph, {}, { text: isolated(text) })),
    quote && filled(parts.quote, { by: quote.by, edge }, { lines: lines(quote.text) }),
    facts && filled(parts.facts, {}, { facts: each(facts, (fact) => filled(parts.fact, { ...fact })) }),
    button &&
      filled(
        parts.button,
        { href: encodedHref(button.href), accent, onAccent, edge, radius },
        { label: isolated(button.label) },
      ),
    each(after, (text) => filled(parts.after, {}, { text: isolated(text) })),
    button && filled(parts.buttonAddress, { href: encodedHref(button.href) }),
  ];
  const footer = [
    stop && filled(parts.stop, { label: stop.label, href: encodedHref(stop.href) }),
    address && filled(parts.schoolName, { text: schoolName }),
    address && each(address.split(/\n+/).filter(Boolean), (text) => filled(parts.addressLine, { text })),
    legal.length > 0 &&
      filled(parts.legalLine, {}, { links: each(legal, (link) => filled(parts.legalItem, { ...link })) }),
  ];
  const preheader = plainly(letter.preheader).slice(0, preheaderLength);
  const missing = preheaderLength - preheader.length;
  return filled(
    parts.frame,
    { subject: plainly(letter.subject), preheader, url, accent },
    {
      title: isolated(title),
      why: isolated(why),
      footer: footer.filter(Boolean).join(""),
      padding: missing > 0 ? `<div>${parts.padding.repeat(missing)}</div>` : "",
      mark: [
        logoUrl && filled(parts.logo, { logoUrl, alt: logoHasName ? schoolName : "" }),
        !(logoUrl && logoHasName) && filled(parts.name, { text: schoolName }),
      ]
        .filter(Boolean)
        .join(""),
      body: body.filter(Boolean).join(""),
    },
  );
}

/** The length React Email shows. */
const preheaderLength = 150;

/** Fills a part's holes, `{{name}}`, with escaped text and trusted HTML. */
const filled = (
  part: string,
  texts: Readonly<Record<string, string>>,
  html: Readonly<Record<string, string>> = {},
): string =>
  part.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const text = texts[name];
    return text === undefined ? (html[name] ?? "") : escaped(text);
  });

const escaped = (text: string): string => text.replaceAll(/["&'<>]/g, (sign) => entities[sign] ?? "");

/** Returns a sentence as HTML with its values in <bdi>. */
const isolated = (sentence: string): string =>
  piecesOf(sentence)
    .map(({ text, isValue }) => (isValue ? `<bdi>${escaped(text)}</bdi>` : escaped(text)))
    .join("");

const entities: Readonly<Record<string, string>> = {
  '"': "&quot;",
  "&": "&amp;",
  "'": "&#x27;",
  "<": "&lt;",
  ">": "&gt;",
};

/** Returns the letter as plain text, with addresses on their own lines. */
export function toText(letter: Letter, look: Look): string {
  const { quote, facts, button, stop } = letter;
  const signature = [
    plainly(letter.why),
    stop && `${stop.label}: ${encodedHref(stop.href)}`,
    look.schoolName,
    look.address?.replaceAll(/\n+/g, "\n"),
    encodedHref(look.url),
    ...look.legal.map(({ label, href }) => `${label}: ${shownLink(href)}`),
  ];
  const blocks = [
    look.schoolName,
    plainly(letter.title),
    ...letter.paragraphs.map(plainly),
    quote && `${quote.text.replaceAll(/^/gm, "> ")}\n> ${quote.by}`,
    facts?.map(({ label, value }) => `${label}: ${value}`).join("\n"),
    button && `${plainly(button.label)}:\n${encodedHref(button.href)}`,
    ...(letter.after ?? []).map(plainly),
    `--\n${signature.filter(Boolean).join("\n")}`,
  ];
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}

/** Shows a mail address readably and encodes any other address. */
const shownLink = (href: string): string =>
  href.startsWith("mailto:") ? shownEmail(href.slice("mailto:".length)) : encodedHref(href);
