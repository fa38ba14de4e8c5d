import { parts } from "./layout.parts.ts";
import type { Letter, Look } from "./letter.ts";

export interface Rendered {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What old readers of mail lay pages out by. */
export const doctype =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">';

/** HTML and plain text of a letter in a school's look. */
export function renderLetter(letter: Letter, look: Look): Rendered {
  return {
    // A line break in a subject would end the header.
    subject: letter.subject.replaceAll(/\s+/g, " ").trim(),
    html: doctype + toHtml(letter, look),
    text: toText(letter, look),
  };
}

/** Puts the layout's parts together: sign for sign what React makes of layout.tsx. */
function toHtml(letter: Letter, look: Look): string {
  const { subject, title, paragraphs, quote, facts, button, after = [], why } = letter;
  const { schoolName, url, accent, onAccent, edge, radius, logoUrl, logoHasName, legal } = look;
  const each = <T>(list: readonly T[], of: (item: T) => string): string => list.map(of).join("");
  const lines = (text: string) => each(text.split(/\n+/), (line) => filled(parts.quoteLine, { text: line }));
  const body = [
    each(paragraphs, (text) => filled(parts.paragraph, { text })),
    quote && filled(parts.quote, { by: quote.by, edge }, { lines: lines(quote.text) }),
    facts && filled(parts.facts, {}, { facts: each(facts, (fact) => filled(parts.fact, { ...fact })) }),
    button && filled(parts.button, { ...button, accent, onAccent, edge, radius }),
    each(after, (text) => filled(parts.after, { text })),
    button && filled(parts.buttonAddress, { href: button.href }),
  ];
  const preheader = letter.preheader.slice(0, preheaderLength);
  const missing = preheaderLength - preheader.length;
  return filled(
    parts.frame,
    { subject, preheader, title, why, url, accent },
    {
      padding: missing > 0 ? `<div>${parts.padding.repeat(missing)}</div>` : "",
      mark: [
        logoUrl && filled(parts.logo, { logoUrl, alt: logoHasName ? schoolName : "" }),
        !(logoUrl && logoHasName) && filled(parts.name, { text: schoolName }),
      ]
        .filter(Boolean)
        .join(""),
      body: body.filter(Boolean).join(""),
      legal:
        legal.length > 0
          ? filled(parts.legalLine, {}, { links: each(legal, (link) => filled(parts.legalItem, { ...link })) })
          : "",
    },
  );
}

/** As much of it as React Email shows. */
const preheaderLength = 150;

/** Fills the holes of a part, `{{name}}`: with text, and with HTML that was made here. */
const filled = (
  part: string,
  texts: Readonly<Record<string, string>>,
  html: Readonly<Record<string, string>> = {},
): string =>
  part.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const text = texts[name];
    return text === undefined ? (html[name] ?? "") : text.replaceAll(/["&'<>]/g, (sign) => entities[sign] ?? "");
  });

const entities: Readonly<Record<string, string>> = {
  '"': "&quot;",
  "&": "&amp;",
  "'": "&#x27;",
  "<": "&lt;",
  ">": "&gt;",
};

/** The same letter for readers without HTML: sentences, and addresses on lines of their own. */
export function toText(letter: Letter, look: Look): string {
  const { quote, facts, button } = letter;
  const blocks = [
    look.schoolName,
    letter.title,
    ...letter.paragraphs,
    quote && `${quote.text.replaceAll(/^/gm, "> ")}\n> ${quote.by}`,
    facts?.map(({ label, value }) => `${label}: ${value}`).join("\n"),
    button && `${button.label}:\n${button.href}`,
    ...(letter.after ?? []),
    `--\n${letter.why}\n${[look.url, ...look.legal.map(({ label, href }) => `${label}: ${href.replace(/^mailto:/, "")}`)].join("\n")}`,
  ];
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}
