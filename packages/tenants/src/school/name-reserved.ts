import { skeletonOf } from "./slug.ts";

// A school's name is the sender of its mails, so it must not look like the platform or like an office that asks for
// passwords.

/** Letters of other scripts and digits that look like Latin letters. */
const alike: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    a: "аαӑ4@ɑ",
    b: "вβь6",
    c: "сςϲ",
    d: "ԁɗ",
    e: "еεёҽ3ɛ",
    g: "ɡց9",
    h: "нһ",
    i: "іιӏ1|!ıɩ",
    j: "јϳ",
    k: "кκ",
    m: "мϻ",
    n: "пηոɴ",
    o: "оοօ0σ",
    p: "рρ",
    r: "гɼʀ",
    s: "ѕ5$ꜱ",
    t: "тτ7",
    u: "υսʋц",
    v: "ѵν",
    w: "ԝшω",
    x: "хχ",
    y: "уүγ",
    z: "ʐ2",
  }).flatMap(([plain, others]) => [...others].map((other) => [other, plain])),
);

/** Returns the visual skeleton of a word: no accents or case, Latin look-alikes, `i` and `1` as `l`. */
const folded = (text: string): string =>
  skeletonOf(
    [...text.normalize("NFKD").toLowerCase()]
      .filter((character) => !/[\p{M}\p{Cf}]/u.test(character))
      .map((character) => alike[character] ?? character)
      .join(""),
  ).replaceAll("i", "l");

const words = (text: string): string[] => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];
const set = (text: string): ReadonlySet<string> => new Set(words(text));

const [platform = ""] = words("Lectern");
/** Offices that write to people about their accounts. */
const offices = set(
  "security support helpdesk help service services billing account accounts admin administrator verification verify alert alerts fraud team desk customer login password official notification notifications mail mailer noreply system postmaster",
);
/** Institutions that hold people's money. */
const money = set(
  "bank banking banque banco bancaire sparkasse paypal visa mastercard amex stripe revolut wallet crypto treasury",
);
const fillers = set("the and of for a an your our & de la");

/** Returns why a school cannot have this name, or undefined. */
export function reservedProblem(name: string): string | undefined {
  const all = words(name);
  if (all.some((_, from) => isPlatform(all, from)))
    return "“Lectern” is the platform's own name. Please choose a name of your own.";
  const telling = all.filter((word) => !fillers.has(word));
  if (telling.length > 0 && telling.every((word) => offices.has(word)))
    return "That name could be taken for the platform's own staff. Please add the name of your school.";
  if (telling.some((word) => money.has(word)) && telling.some((word) => offices.has(word)))
    return "That name could be taken for a bank that writes about an account. Please choose another.";
  return undefined;
}

/** Returns whether the platform's name begins here, in one word or spread over several. */
function isPlatform(all: readonly string[], from: number): boolean {
  if (all[from]?.endsWith(platform)) return true;
  let joined = "";
  for (const word of all.slice(from)) {
    // Two words may together look like one letter: r n.
    joined = skeletonOf(joined + word);
    if (joined.length > platform.length) break;
  }
  return joined.startsWith(platform);
}
