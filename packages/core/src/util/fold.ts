import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

// How a search compares spellings: people by the generated columns of `foldedSql`, courses by the words of `fold`. Both
// use the tables below, so Postgres and TypeScript agree; `fold.test.ts` compares them on every script.

/** Characters that NFKD would turn into a space and a mark, or leave unchanged. */
const before: Readonly<Record<string, string>> = {
  // Apostrophes and characters typed for one: Hebrew geresh, the okina, spacing accents.
  ...{ "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u02bc": "'", "\u02bb": "'", "\u02b9": "'", "\u2032": "'" },
  ...{ "\u00b4": "'", "`": "'", "\u05f3": "'" },
  ...{ "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u05f4": '"' },
  ...{ "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u05be": "-" },
};

/** Letters that one reader types for another, after NFKD and in lower case. */
const single: Readonly<Record<string, string>> = {
  ...{ ı: "i", ø: "o", ł: "l", đ: "d", ð: "d", ħ: "h", ŧ: "t", ς: "σ" },
  // Arabic: alef wasla, teh marbuta, alef maksura, and the Persian and Urdu letters for the same sound.
  ...{ "\u0671": "\u0627", "\u0629": "\u0647", "\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643" },
  ...{ "\u06c1": "\u0647", "\u06be": "\u0647", "\u06d5": "\u0647" },
  ...Object.fromEntries([...Array(10).keys()].map((n) => [String.fromCodePoint(0x0660 + n), String(n)])),
  ...Object.fromEntries([...Array(10).keys()].map((n) => [String.fromCodePoint(0x06f0 + n), String(n)])),
};

const double: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", þ: "th" };

/**
 * Marks that readers omit, as a class that JavaScript and Postgres read alike: accents, Hebrew points, Arabic vowels
 * and tatweel, zero-width characters. Vowel signs of Indic scripts and Thai and the marks of kana stay, because they
 * distinguish words.
 */
const marks = [
  "\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f",
  "\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7",
  "\\u0610-\\u061a\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed\\u08d3-\\u08e1\\u08e3-\\u08ff",
  "\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff",
].join("");
const marksPattern = new RegExp(`[${marks}]`, "g");

const each = (table: Readonly<Record<string, string>>): RegExp => new RegExp(`[${Object.keys(table).join("")}]`, "g");
const [beforePattern, singlePattern, doublePattern] = [each(before), each(single), each(double)];

/**
 * Returns the text as a search compares it: lower case, without accents and marks, compatibility forms unified. Linear.
 */
export const fold = (text: string): string =>
  text
    .replace(beforePattern, (character) => before[character] ?? "")
    .normalize("NFKD")
    .replace(marksPattern, "")
    .toLowerCase()
    .replace(singlePattern, (character) => single[character] ?? "")
    .replace(doublePattern, (character) => double[character] ?? "")
    .normalize("NFC");

/** `fold` in SQL, of nothing but immutable functions: for a generated column. */
export function foldedSql(text: SQL): SQL {
  const translate = (inner: SQL, table: Readonly<Record<string, string>>) =>
    sql`translate(${inner}, ${literal(Object.keys(table).join(""))}, ${literal(Object.values(table).join(""))})`;
  // Every server with ICU has these collation names; "und" is the root, without a language.
  const bare = sql`lower(regexp_replace(normalize(${translate(text, before)}, NFKD), ${literal(`[${marks}]`)}, '', 'g') collate "und-x-icu")`;
  let folded = translate(bare, single);
  for (const [character, letters] of Object.entries(double))
    folded = sql`replace(${folded}, ${literal(character)}, ${literal(letters)})`;
  return sql`normalize(${folded}, NFC)`;
}

const literal = (text: string): SQL => sql`${text}`.inlineParams();

/**
 * Requires each word of `q`, or one of its other spellings, in the folded column. Uses at most eight words. One pass
 * over the rows.
 */
export function foldedHas(
  column: SQLWrapper,
  q: string,
  otherSpellings: (word: string) => readonly string[] = () => [],
): SQL | undefined {
  const words = q
    .replaceAll("\0", "")
    .split(/\s+/u)
    .filter((word) => fold(word) !== "")
    .slice(0, 8);
  if (words.length === 0) return undefined;
  const has = (text: string) => {
    const word = fold(text);
    // A single letter matches only the beginning of a word: anywhere else it would match nearly everything.
    const within = `%${/^[a-z0-9]$/.test(word) ? " " : ""}${word.replaceAll(/[\\%_]/g, "\\$&")}%`;
    return sql`(' ' || ${column}) like ${within}`;
  };
  const parts = words.map((word) => sql`(${sql.join([word, ...otherSpellings(word)].map(has), sql` or `)})`);
  return sql`(${sql.join(parts, sql` and `)})`;
}
