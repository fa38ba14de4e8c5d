import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

// What people read is spelled one way, in plain words. Words of code (`DomainError` messages) are among them: they stand on pages and in answers.

const packages = path.join(import.meta.dirname, "../../..");
const read = ["web/app", "core/src", "tenants/src", "functions/src/auth", "functions/src/mail", "functions/src/api"];

const british =
  /\b(?:\w*colour\w*|favour\w*|behaviour\w*|centre[sd]?|grey|licence[sd]?|catalogue\w*|cancelled|cancelling|programmes?|organis\w+|recognis\w+|enrolments?|enrols?|judgement|learnt|whilst|towards|fulfil|skilful|travell\w+|defence|cheque|per cent)\b/i;
const written = /"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\\n]|\\.)*)`|>([^<>{}=;]+)</g;

/** The sentences of a file: strings and text of elements with a space in them, comments left out. */
const sentencesOf = (code: string): string[] => {
  const plain = code.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  return [...plain.matchAll(written)]
    .map(([, double, template, text]) => double ?? template ?? text ?? "")
    .filter((each) => /\S\s+\S/.test(each));
};

const files = read.flatMap((folder) =>
  readdirSync(path.join(packages, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|testing|fixtures|\.list\.|common-passwords/.test(name))
    .map((name) => path.join(packages, folder, name)),
);
const sentencesWith = (pattern: RegExp): string[] =>
  files.flatMap((file) =>
    sentencesOf(readFileSync(file, "utf8"))
      .filter((each) => pattern.test(each))
      .map((each) => `${path.relative(packages, file)}: ${each.slice(0, 120)}`),
  );

test("what people read is in American spelling", () => {
  expect(
    sentencesOf('say("x", "Any colour works"); <p>Enrolment is open</p>').filter((each) => british.test(each)),
  ).toHaveLength(2);
  expect(files.length).toBeGreaterThan(300);
  expect(sentencesWith(british)).toEqual([]);
});

// The style guide's list, section "Words".
const refused =
  /\b(?:whoever|whomever|(?:is|are|were) told|told of|tells of|lets? (?:it |them )?go|of ours|of theirs|lies in|stands?|(?:is|are) over|a turn|is away|comes? again|amounts? to|by (?:itself|themselves|ourselves)|for being|as far as)\b/i;

test("what people read is in words of every day", () => {
  expect(sentencesOf('"Whoever opens it"; `It is told to them`').filter((each) => refused.test(each))).toHaveLength(2);
  expect(sentencesWith(refused)).toEqual([]);
});
