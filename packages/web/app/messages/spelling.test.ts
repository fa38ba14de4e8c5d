import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

// Texts that people read use American spelling and plain words. `DomainError` messages count, because pages and the API
// show them.

const packages = path.join(import.meta.dirname, "../../..");
const read = ["web/app", "core/src", "tenants/src", "functions/src/auth", "functions/src/mail", "functions/src/api"];

const british =
  /\b(?:\w*colour\w*|favour\w*|behaviour\w*|centre[sd]?|grey|licence[sd]?|catalogue\w*|cancelled|cancelling|programmes?|organis\w+|recognis\w+|enrolments?|enrols?|judgement|learnt|whilst|towards|fulfil|skilful|travell\w+|defence|cheque|per cent)\b/i;
const written = /"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\\n]|\\.)*)`|>([^<>{}=;]+)</g;

/** Returns the strings and element texts of a file that contain a space, without comments. */
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

test("texts use American spelling", () => {
  expect(
    sentencesOf('say("x", "Any colour works"); <p>Enrolment is open</p>').filter((each) => british.test(each)),
  ).toHaveLength(2);
  expect(files.length).toBeGreaterThan(300);
  expect(sentencesWith(british)).toEqual([]);
});

const refused =
  /\b(?:whoever|whomever|nobody|(?:is|are|were) told|told of|tells of|lets? (?:it |them )?go|of ours|of theirs|lies in|stands?|(?:is|are) over|a turn|is away|comes? again|amounts? to|by (?:itself|themselves|ourselves)|for being|as far as)\b/i;

test("texts use plain words", () => {
  expect(sentencesOf('"Whoever opens it"; `It is told to them`').filter((each) => refused.test(each))).toHaveLength(2);
  expect(sentencesWith(refused)).toEqual([]);
});
