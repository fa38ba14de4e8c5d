// A name may run from right to left in a sentence that runs from left to right, and would pull the signs beside it along.
// Sentences of letters are written with `said`, which puts every value between the marks of an isolate; HTML shows them
// as <bdi>, the text part keeps them only around what needs them.

const [open, close] = ["\u2068", "\u2069"];
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const isolates = new RegExp(`${open}([^${open}${close}]*)${close}`, "g");

/** A sentence with values of people in it. */
export const said = (words: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw({ raw: words }, ...values.map((value) => `${open}${value.replace(directions, "")}${close}`));

/** The pieces of a sentence, in order. */
export function piecesOf(sentence: string): { readonly text: string; readonly isValue: boolean }[] {
  const pieces: { text: string; isValue: boolean }[] = [];
  let at = 0;
  for (const found of sentence.matchAll(isolates)) {
    if (found.index > at) pieces.push({ text: sentence.slice(at, found.index), isValue: false });
    pieces.push({ text: found[1] ?? "", isValue: true });
    at = found.index + found[0].length;
  }
  if (at < sentence.length) pieces.push({ text: sentence.slice(at), isValue: false });
  return pieces;
}

/** For readers without HTML: marks stay around a value that runs from right to left. */
export const plainly = (sentence: string): string =>
  sentence.replace(isolates, (isolate, value: string) =>
    /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(value)
      ? isolate
      : value,
  );
