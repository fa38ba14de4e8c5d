import { reservedSlugs } from "./reserved.ts";

export type SlugVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: SlugRefusal; readonly reason: string };

export type SlugRefusal = "slug.length" | "slug.characters" | "slug.lookalike" | "slug.hyphen" | "slug.reserved";

/**
 * Checks whether a school may have this address and returns a refusal in words. `reserve` checks whether it is free.
 */
export function checkSlug(slug: string): SlugVerdict {
  const foreign = [...slug].find((character) => character > "\x7f");
  if (foreign !== undefined) return refusal(...foreignReason(slug, foreign));
  if (slug.length < 3 || slug.length > 40) return refusal("slug.length", "An address has 3 to 40 characters.");
  const odd = [...slug].find((character) => !/[a-z0-9-]/.test(character));
  if (odd !== undefined)
    return refusal(
      "slug.characters",
      /[A-Z]/.test(odd)
        ? `Addresses are written in small letters: use “${odd.toLowerCase()}” in place of “${odd}”.`
        : `“${/[\x20-\x7e]/.test(odd) ? odd : "an invisible character"}” cannot be part of an address: use letters a to z, digits and hyphens.`,
    );
  if (slug.startsWith("-") || slug.endsWith("-"))
    return refusal("slug.hyphen", "An address begins and ends with a letter or a digit, not with a hyphen.");
  if (slug.includes("--")) return refusal("slug.hyphen", "An address has no two hyphens in a row.");
  const plain = strictSkeletonOf(slug);
  const taken = reservedSkeletons.get(plain);
  if (taken === undefined) return { ok: true };
  if (reservedSlugs.has(slug)) return refusal("slug.reserved", `“${slug}” is kept for the platform itself.`);
  return refusal("slug.lookalike", `“${slug}” looks too much like “${taken}”, which is kept for the platform itself.`);
}

/**
 * Returns a slug's visual skeleton: `1` as `l`, `0` as `o`, `rn` as `m`, `vv` as `w`. Schools cannot share a skeleton.
 */
export const skeletonOf = (slug: string): string =>
  slug.replaceAll("1", "l").replaceAll("0", "o").replaceAll("rn", "m").replaceAll("vv", "w");

// For names like the platform's own, `i` and hyphens count as look-alikes too.
const strictSkeletonOf = (slug: string): string => skeletonOf(slug).replaceAll("i", "l").replaceAll("-", "");

const reservedSkeletons: ReadonlyMap<string, string> = new Map(
  [...reservedSlugs].map((name) => [strictSkeletonOf(name), name]),
);

// Scripts with letters that look Latin. They can spell whole words (раураl).
const scripts = ["Cyrillic", "Greek", "Armenian", "Cherokee", "Coptic", "Lisu", "Georgian"] as const;

function foreignReason(slug: string, character: string): [SlugRefusal, string] {
  const script = scripts.find((name) => [...slug].some((one) => new RegExp(`\\p{Script=${name}}`, "u").test(one)));
  if (script) {
    const mixed = /[a-z]/i.test(slug) ? `mixes Latin and ${script} letters` : `is written in ${script} letters`;
    return ["slug.lookalike", `“${slug}” ${mixed}, which can pass for other words. Addresses use a to z only.`];
  }
  const folded = slug.normalize("NFKC");
  if (folded !== slug && /^[\x20-\x7e]+$/.test(folded))
    return ["slug.lookalike", `“${character}” only looks like a plain letter. Did you mean “${folded.toLowerCase()}”?`];
  if (/[\p{Cf}\p{Mn}\p{Zs}\p{Zl}\p{Zp}\p{Pd}\u{e0000}-\u{e007f}]/u.test(character))
    return ["slug.lookalike", "There is an invisible or look-alike character in it. Please type the address anew."];
  const suggestion = suggestSlug(slug);
  return [
    "slug.characters",
    `“${character}” cannot be part of an address: use letters a to z, digits and hyphens${suggestion ? `, such as “${suggestion}”` : ""}.`,
  ];
}

const refusal = (code: SlugRefusal, reason: string): SlugVerdict => ({ ok: false, code, reason });

// Letters that do not decompose into a base letter and an accent.
const spelled: Record<string, string> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ı: "i",
  ħ: "h",
  ŋ: "n",
  "&": " and ",
  "+": " plus ",
};

/**
 * Returns a slug for a name in any script, transliterated; "" where nothing remains. Script tables load on first use.
 */
export async function proposeSlug(name: string): Promise<string> {
  if (!/\p{L}/u.test(name.replaceAll(/\p{Script=Latin}/gu, ""))) return suggestSlug(name);
  const { default: anyAscii } = await import("any-ascii");
  // Each Chinese character becomes a word.
  const spaced = name.normalize("NFKC").replaceAll(/\p{Script=Han}/gu, (character) => ` ${character} `);
  const latin = [...spaced].map((character) => (/\p{Script=Latin}/u.test(character) ? character : anyAscii(character)));
  return suggestSlug(latin.join(""));
}

/** Keeps whole words up to the length; cuts a single long word. */
function upTo(length: number, words: string): string {
  if (words.length <= length) return words;
  const end = words.lastIndexOf("-", length);
  return words.slice(0, end > 0 ? end : length);
}

/** Returns a slug for a school's name, or "" where no character can be in an address. */
export function suggestSlug(name: string): string {
  const words = [...name.normalize("NFKD").toLowerCase()]
    .map((character) => spelled[character] ?? character)
    .join("")
    .replaceAll(/[\p{M}'’]/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  if (words.length === 0) return "";
  for (const candidate of [upTo(40, words), `${upTo(33, words)}-school`, `${upTo(32, words)}-academy`])
    if (checkSlug(candidate).ok) return candidate;
  return "";
}
