import { fold } from "../../util/fold.ts";

// How the catalog finds a course. One function splits documents and queries into words, so they agree whatever the
// database's locale, and no text search configuration has to guess the language.
//
// `search` holds the words with their weight; each query word is first looked up there as a prefix ("prog" finds
// Programming). `typo` holds each word with one letter left out in every way: a query word, treated the same, meets
// every word at one insertion, deletion, substitution or swap of neighbors ("pyhton" meets "python" at "pyton"). Both
// have a GIN index.
//
// Measured on 2,000 courses of 65 lessons (216 words each), Postgres 17, two cores: 0.1 to 0.3 ms a lookup, 13 MB of
// index. pg_trgm (`<%` over a GIN index, 5 MB) took 135 to 950 ms: "pyhton" and "python" share so few trigrams (0.27)
// that the threshold must be too low to select anything.

/** Limits a document's size: a course with 900 lessons is still found by its first. */
const limits = { lessonWords: 1_000, descriptionWords: 400, typoWords: 600, wordLength: 40, queryWords: 8 } as const;

// Made when first asked: its tables take longer to load than most functions take to begin.
let segmenter: Intl.Segmenter | undefined;
const segments = (text: string) => {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return segmenter.segment(text);
};

/**
 * Splits a text into folded words: letters and digits of any script, Chinese and Thai included. Trailing signs stay,
 * because C, C++ and C# differ.
 */
export function wordsOf(text: string): string[] {
  const folded = fold(text);
  const words: string[] = [];
  for (const { segment, index, isWordLike } of segments(folded)) {
    if (!isWordLike) continue;
    const parts = segment.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean);
    for (const [at, word] of parts.entries()) {
      const signs = at === parts.length - 1 ? signsAt(folded, index + segment.length) : "";
      words.push(word.slice(0, limits.wordLength - signs.length) + signs);
    }
  }
  return words;
}

/** "++" and "#" belong to the name before them, a single "+" only where no word follows. */
const signs = /\+\+(?!\p{L})|#(?!\p{L})|\+(?![\p{L}\p{N}+])/uy;

function signsAt(text: string, index: number): string {
  signs.lastIndex = index;
  return signs.exec(text)?.[0] ?? "";
}

/** The name without its signs: a course about C++ also matches C, with less weight. */
const bareOf = (word: string): string[] => (/[+#]$/.test(word) ? [word.replace(/(?<![+#])[+#]+$/, "")] : []);

export interface Searchable {
  readonly title: string;
  readonly summary: string;
  readonly descriptionHtml: string;
  readonly lessonTitles: readonly string[];
}

/**
 * Returns the two columns as tsvector literals. Words contain only letters, digits, + and #, so they need no escaping.
 */
export function documentOf(course: Searchable): { readonly search: string; readonly typo: string } {
  const places = new Map<string, string[]>();
  let position = 0;
  const add = (words: readonly string[], weight: "A" | "B" | "C" | "D") => {
    for (const word of words) {
      position = Math.min(position + 1, 16_383); // the largest position a tsvector holds
      const known = places.get(word);
      if (!known) places.set(word, [`${position}${weight}`]);
      else if (known.length < 8) known.push(`${position}${weight}`);
    }
  };
  const named = [...wordsOf(course.title), ...wordsOf(course.summary)];
  const lessons = course.lessonTitles.flatMap(wordsOf).slice(0, limits.lessonWords);
  add(wordsOf(course.title), "A");
  add(wordsOf(course.summary), "B");
  add(lessons, "C");
  add(wordsOf(plainText(course.descriptionHtml)).slice(0, limits.descriptionWords), "D");
  add([...named, ...lessons].flatMap(bareOf), "D");
  const misspellable = [...new Set([...named, ...lessons])].slice(0, limits.typoWords);
  return {
    search: [...places].map(([word, at]) => `'${word}':${at.join(",")}`).join(" "),
    typo: [...new Set(misspellable.flatMap(leftOut))].map((word) => `'${word}'`).join(" "),
  };
}

/** The query as tsquery literals, or undefined when it holds no word at all. */
export function queryOf(
  q: string,
): { readonly words: string[]; readonly exact: string; readonly typo: string } | undefined {
  const words = [...new Set(wordsOf(q))].slice(0, limits.queryWords);
  if (words.length === 0) return undefined;
  return { words, exact: exactOf(words), typo: words.map(anyOf).join(" & ") };
}

/** Matches every word as a prefix, except single letters, which would match everything. */
export const exactOf = (words: readonly string[]): string =>
  words.map((word) => (word.length > 1 || !/^[a-z0-9]$/.test(word) ? `'${word}':*` : `'${word}'`)).join(" & ");

function anyOf(word: string): string {
  // A prefix of a short form would match half the vocabulary; of a longer one it also finds an unfinished word.
  const forms = leftOut(word).map((form) => (form.length >= 5 ? `'${form}':*` : `'${form}'`));
  return `(${forms.join(" | ")})`;
}

/** Returns the word, its form without signs and, from four letters on, each form with one letter left out. */
export function leftOut(word: string): string[] {
  const letters = [...word];
  const forms = new Set([word, ...bareOf(word)]);
  if (letters.length >= 4)
    for (let i = 0; i < letters.length; i++) forms.add([...letters.slice(0, i), ...letters.slice(i + 1)].join(""));
  return [...forms];
}

/**
 * Returns the likely meant words, from documents that `typo` found: for each query word the nearest by the fewest
 * edits, then by document count. Undefined when a word has none near it.
 */
export function corrected(words: readonly string[], documents: readonly (readonly string[])[]): string[] | undefined {
  const counts = new Map<string, number>();
  for (const document of documents) for (const word of document) counts.set(word, (counts.get(word) ?? 0) + 1);
  const meant: string[] = [];
  for (const word of words) {
    let best: { word: string; edits: number; count: number } | undefined;
    for (const [candidate, count] of counts) {
      // Also compares the beginning of a longer word, because the query may be unfinished.
      const shown = candidate.length > word.length + 1 ? candidate.slice(0, word.length) : candidate;
      const edits = candidate.startsWith(word) ? 0 : distance(word, shown, 2) + (shown === candidate ? 0 : 0.5);
      // For a school without C++, C is the nearest word.
      const isBare = bareOf(word).includes(candidate);
      if (!isBare && (edits > 2 || edits >= word.length / 2)) continue;
      if (!best || edits < best.edits || (edits === best.edits && count > best.count))
        best = { word: edits === 0 ? word : candidate, edits, count };
    }
    if (!best) return undefined;
    meant.push(best.word);
  }
  return meant;
}

/** Edits between two words (insert, delete, replace, swap of neighbours); anything beyond `most` is just more. */
export function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? most + 1;
}

/** Only for finding words: the HTML is our own sanitised output, and nothing here is shown. */
const plainText = (html: string): string =>
  html.replaceAll(/<[^<>]*>/g, " ").replaceAll(/&(?:#\d+|#x[0-9a-f]+|[a-z]+);/gi, " ");
