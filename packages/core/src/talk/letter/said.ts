// A right-to-left name in a left-to-right sentence would reorder the characters around it. So `said` wraps every value
// in isolate marks; HTML renders them as <bdi>, and plain text keeps only those that it needs.

const [open, close] = ["\u2068", "\u2069"];
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const isolates = new RegExp(`${open}([^${open}${close}]*)${close}`, "g");

/** Returns a sentence with each value between isolate marks. */
export const said = (words: TemplateStringsArray, ...values: readonly string[]): string =>
  String.raw({ raw: words }, ...values.map((value) => `${open}${value.replace(directions, "")}${close}`));

/** Returns the parts of a sentence in order. */
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

/** Keeps the marks only around right-to-left values, for plain text. */
export const plainly = (sentence: string): string =>
  sentence.replace(isolates, (isolate, value: string) =>
    /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(value)
      ? isolate
      : value,
  );
