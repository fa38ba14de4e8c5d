import { type Letter, plainly } from "@lectern/core/talk/letter";
import { shownEmail } from "@lectern/core/util/email";
import { renderToStaticMarkup } from "react-dom/server";
import { LetterMail } from "./layout.tsx";
import { encodedHref, type Look } from "./look.ts";

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
    html: doctype + renderToStaticMarkup(<LetterMail letter={letter} look={look} />),
    text: toText(letter, look),
  };
}

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
