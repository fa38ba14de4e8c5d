import { type AST, RegExpParser } from "@eslint-community/regexpp";

export interface Attack {
  readonly prefix: string;
  readonly pump: string;
  readonly suffix: string;
}

/** Builds the attack text of about this length: `prefix`, repeated `pump`, `suffix`. */
export const textOf = ({ prefix, pump, suffix }: Attack, length: number): string =>
  prefix + pump.repeat(Math.max(1, Math.floor(length / pump.length))) + suffix;

/**
 * Derives attacks from the pattern. A pattern is slow when a repetition can start at many places or match in many ways
 * and its continuation is missing. So each repetition and each beginning of the pattern is repeated, with and without
 * what precedes it, followed by a mismatch.
 */
export function attacksOn(source: string, flags: string): Attack[] {
  const tree = new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, {
    unicode: flags.includes("u"),
    unicodeSets: flags.includes("v"),
  });
  const attacks = new Map<string, Attack>();
  for (const alternative of tree.alternatives) walk(alternative, [""]);
  return [...attacks.values()];

  /** With the text that leads here, and with characters that other alternatives may refuse. */
  function add(pump: string, leads: readonly string[]): void {
    if (pump === "" || pump.length > 200) return;
    for (const prefix of ["", "a", "\0", ...leads])
      for (const suffix of ["", "\n\0a"])
        if (prefix.length <= 500) attacks.set(JSON.stringify([prefix, pump, suffix]), { prefix, pump, suffix });
  }

  function walk(alternative: AST.Alternative, leads: readonly string[]): void {
    let before = [...leads];
    let own = [""];
    for (const element of alternative.elements) {
      if (element.type === "Quantifier" && element.max > 1)
        for (const text of samplesOf(element.element)) add(text, before);
      for (const choice of insideOf(element) ?? []) walk(choice, before.slice(0, 2));
      const next = samplesOf(element);
      own = crossed(own, next);
      before = crossed(before, next);
      for (const text of own) add(text, leads.slice(0, 1));
      // Repeats a whole beginning of the pattern: each one starts a match and none completes it.
      for (const text of before.slice(0, 2)) add(text, []);
    }
  }
}

const insideOf = (element: AST.Element): readonly AST.Alternative[] | undefined => {
  const node = element.type === "Quantifier" ? element.element : element;
  if (node.type === "Group" || node.type === "CapturingGroup") return node.alternatives;
  return node.type === "Assertion" && "alternatives" in node ? node.alternatives : undefined;
};

/** Limit of texts per part: more would not find more. */
const most = 4;

const crossed = (heads: readonly string[], tails: readonly string[]): string[] => {
  const all = new Set<string>();
  for (const head of heads) for (const tail of tails) all.add(head + tail);
  return [...all].slice(0, most);
};

/** Returns a few short texts that the element matches. */
function samplesOf(element: AST.Element | AST.QuantifiableElement): string[] {
  switch (element.type) {
    case "Character":
      return [String.fromCodePoint(element.value)];
    case "CharacterSet":
    case "CharacterClass":
    case "ExpressionCharacterClass":
      return charactersOf(element);
    case "Group":
    case "CapturingGroup":
      return element.alternatives.flatMap((alternative) => sequence(alternative.elements).slice(0, 2)).slice(0, most);
    case "Quantifier": {
      if (element.max === 0) return [""];
      const once = samplesOf(element.element);
      const enough = once.map((text) => text.repeat(Math.min(Math.max(1, element.min), 20)));
      return element.min === 0 ? ["", ...enough].slice(0, most) : enough;
    }
    case "Assertion":
      return [""];
    case "Backreference":
      return [
        Array.isArray(element.resolved) ? "" : (sequence(element.resolved.alternatives[0]?.elements ?? [])[0] ?? ""),
      ];
  }
}

const sequence = (elements: readonly AST.Element[]): string[] =>
  elements.reduce<string[]>((texts, element) => crossed(texts, samplesOf(element)), [""]);

/** Candidates for a class: whitespace, punctuation, digits, letters and others, one or two of them. */
const candidates = [..." \t\na0-_.A<>\"'/\\&=:;#?%@[](){}|!*+~^$,`éß中\u00a0\u2028\0"];

function charactersOf(set: AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass): string[] {
  // Only the `v` flag parses every class.
  const flags =
    set.type === "CharacterSet" || set.type === "CharacterClass" ? (set.raw.includes("\\p") ? "u" : "") : "v";
  const one = new RegExp(`^(?:${set.raw})$`, flags);
  const found = candidates.filter((character) => one.test(character));
  if (found.length === 0)
    for (let code = 1; code < 0x3000 && found.length === 0; code++)
      if (one.test(String.fromCharCode(code))) found.push(String.fromCharCode(code));
  const letter = found.find((character) => /[a-z0-9]/i.test(character));
  return [...new Set([found[0], letter, found.at(-1)])].filter((text) => text !== undefined);
}
