import { isVisible } from "@lectern/core/util/text";
import * as z from "zod";
import { reservedProblem } from "./name-reserved.ts";

/** A school's name on pages, mails and certificates. Runs of spaces become one. */
export const SchoolName = z
  .string()
  .max(400, "A name has at most 80 characters.")
  .transform((name) =>
    name
      .normalize("NFC")
      .replaceAll(/[ \u00a0\u3000]+/g, " ")
      .trim(),
  )
  .superRefine((name, context) => {
    const reason = nameProblem(name);
    if (reason) context.addIssue({ code: "custom", message: reason });
  });

function nameProblem(name: string): string | undefined {
  const length = [...name].length;
  if (length < 2) return "A name has at least 2 characters.";
  if (length > 80) return "A name has at most 80 characters.";
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)) return "A name has no line breaks or control characters.";
  // These reorder the rest of a line, so a name could display as another.
  if (/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(name))
    return "A name has no characters that change the direction of writing.";
  // U+200C and U+200D join and separate letters in Persian and Indic scripts and build emoji.
  if (/(?![\u200c\u200d])\p{Cf}/u.test(name)) return "A name has no invisible characters.";
  if (/[\p{Co}\p{Cn}\p{Cs}]/u.test(name)) return "A name has only characters that everyone's device can show.";
  if (/\p{M}{5,}/u.test(name)) return "A name has no piled-up marks.";
  if (!/[\p{L}\p{N}]/u.test(name) || !isVisible(name)) return "A name has at least one letter or digit.";
  return reservedProblem(name);
}
