import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { LetterMail } from "./layout.tsx";
import type { Letter, Look } from "./letter.ts";

export interface Rendered {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What old readers of mail lay pages out by. */
const doctype =
  '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">';

/** HTML and plain text of a letter in a school's look. */
export async function renderLetter(letter: Letter, look: Look): Promise<Rendered> {
  return {
    // A line break in a subject would end the header.
    subject: letter.subject.replaceAll(/\s+/g, " ").trim(),
    html: doctype + renderToStaticMarkup(createElement(LetterMail, { letter, look })),
    text: toText(letter, look),
  };
}

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
    `--\n${letter.why}\n${look.url}`,
  ];
  return `${blocks.filter(Boolean).join("\n\n")}\n`;
}
