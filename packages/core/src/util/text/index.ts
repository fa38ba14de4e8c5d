// Normalizes typed text for storage: NFC, so that one name has one spelling, and without invisible characters.

/** Zero-width and meaningless: word joiner, byte order mark, invisible operators, Mongolian vowel separator. */
const invisible = /[\u180e\u2060-\u2064\u206a-\u206f\ufeff]/g;

/**
 * U+200C and U+200D join and separate Arabic and Indic letters and form emoji; U+200B separates words in scripts
 * without spaces (Thai, Khmer, Lao, Burmese). Elsewhere they only make different texts look the same.
 */
const joiners =
  /(?<![\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]|\ufe0f|(?![\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}])\p{L})[\u200c\u200d]/gu;
const breaks = /(?<![\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}\p{Script=Tibetan}])\u200b/gu;

/**
 * Returns NFC text without meaningless zero-width characters. Removing one can bring a letter and its accent together,
 * which NFC then joins; a letter has few accents, so a few rounds suffice.
 */
export function tidy(text: string): string {
  let before = text;
  let after = text;
  do {
    before = after;
    after = before.normalize("NFC").replace(invisible, "").replace(breaks, "").replace(joiners, "");
  } while (after !== before);
  return after;
}

/** True when a reader sees something: some letters are blank (Hangul fillers, the empty Braille cell). */
export const isVisible = (text: string): boolean =>
  /[\p{L}\p{N}\p{P}\p{S}]/u.test(text.replace(/[\u115f\u1160\u2800\u3164\uffa0]/g, ""));

/** `tidy`, on one line: control characters and white space become single spaces. */
export const oneLine = (text: string): string =>
  tidy(text)
    .replaceAll(/[\p{Cc}\p{Cs}\s]+/gu, " ")
    .trim();

/** As `tidy` for several lines, with Unix line ends. Drops NUL, which Postgres cannot store. */
export const lines = (text: string): string =>
  tidy(text.replaceAll(/\r\n?/g, "\n").replaceAll("\0", "").toWellFormed());

/** Returns a name in one line, without soft hyphens and bidirectional marks. A name of invisible characters is empty. */
export function personName(text: string): string {
  const name = oneLine(text.replaceAll(/[\u00ad\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, ""));
  return isVisible(name) ? name : "";
}
