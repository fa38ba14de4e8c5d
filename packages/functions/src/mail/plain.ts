import type { Letter } from "@lectern/core/talk/letter";

// Mail clients turn anything that looks like an address into a link, and the mail carries the platform's name. So
// people's texts (messages, names, titles) lose the scheme, and an invisible break after each dot prevents recognition
// of names such as shop.example. Links to the platform and the school stay, and so do whole e-mail addresses.

const zeroWidthSpace = "\u200b";

/** Returns the letter without foreign links. Links to `ownHosts` and below `platformHost` stay. */
export function withoutLinks(letter: Letter, own: { platformHost: string; hosts: readonly string[] }): Letter {
  const hosts = new Set([...own.hosts, ...(letter.hosts ?? [])]);
  const isOwn = (host: string) => hosts.has(host) || host === own.platformHost || host.endsWith(`.${own.platformHost}`);
  const plain = (text: string): string =>
    text
      .split(/(\s+)/)
      .map((word) => plainWord(word, isOwn))
      .join("");
  const { quote, facts, button, after } = letter;
  return {
    ...letter,
    subject: plain(letter.subject),
    preheader: plain(letter.preheader),
    title: plain(letter.title),
    paragraphs: letter.paragraphs.map(plain),
    ...(quote && { quote: { text: plain(quote.text), by: plain(quote.by) } }),
    ...(facts && { facts: facts.map(({ label, value }) => ({ label: plain(label), value: plain(value) })) }),
    ...(button && { button: { ...button, label: plain(button.label) } }),
    ...(after && { after: after.map(plain) }),
    why: plain(letter.why),
  };
}

function plainWord(word: string, isOwn: (host: string) => boolean): string {
  if (!word.includes(".") && !word.includes("://")) return word;
  if (isMailAddress(word)) return word;
  if (isOwn(hostOf(trimmed(word)))) return word;
  return word.replaceAll(/[a-z]{2,10}:\/\//gi, "").replaceAll(/\.(?=\p{L}{2})/gu, `.${zeroWidthSpace}`);
}

/**
 * Returns the host of a word that is exactly one address; "" otherwise, because clients would find the second address
 * in `https://school.example/"https://other.example` and the first in `other.example/school.example`.
 */
function hostOf(bare: string): string {
  const rest = bare.replace(/^https?:\/\//i, "").toLowerCase();
  if (!/^[\w.:/?#&=%+~-]+$/.test(rest) || rest.includes("://")) return "";
  return /^[^/?#]*/.exec(rest)?.[0] ?? "";
}

const around = new Set("\"'“”‘’()<>[],;:.!?\u2068\u2069");

/** Strips punctuation around a word. A loop, because a pattern anchored at the end takes quadratic time. */
function trimmed(word: string): string {
  let [from, to] = [0, word.length];
  while (from < to && around.has(word.charAt(from))) from++;
  while (to > from && around.has(word.charAt(to - 1))) to--;
  return word.slice(from, to);
}

/** Excludes question marks and the like, after which a site's address could follow. */
const isMailAddress = (word: string): boolean => /^[\p{L}\p{N}.+_'-]+@[\p{L}\p{N}.-]+$/u.test(trimmed(word));
