import { expect, test } from "vitest";
import { attacksOn, textOf } from "./attacks.ts";
import { superlinear } from "./growth.ts";
import { collectPatterns } from "./patterns.ts";

const { literals, computed } = collectPatterns();

const computedPatterns: Readonly<Record<string, readonly (readonly [source: string, flags: string])[]>> = {
  "packages/core/src/content/package/imscc/links.ts": [
    ["^.*?(?:\\$|%24)WIKI_REFERENCE(?:\\$|%24)/?", "i"],
    ["^.*?(?:\\$|%24)(?:IMS[-_]CC[-_]FILEBASE|1EdTech[-_]CC[-_]FILEBASE)(?:\\$|%24)/?", "i"],
    ["^.*?(?:\\$|%24)CANVAS_(?:OBJECT|COURSE)_REFERENCE(?:\\$|%24)/?", "i"],
  ],
  // Patterns with one star inside; a trailing star is compared without a pattern.
  "packages/core/src/kernel/aws/policy.ts": [["^arn:aws:dynamodb:.*:table/cell$", "s"]],
  "packages/core/src/kernel/id/index.ts": [["^usr_[0-9a-hjkmnp-tv-z]{26}$", ""]],
  "packages/core/src/util/email/index.ts": [["^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$", ""]],
  "packages/core/src/util/fold.ts": [["[\\u0300-\\u036f\\u0640]", "g"]],
  "packages/core/src/talk/letter/said.ts": [["\\u2068([^\\u2068\\u2069]*)\\u2069", "g"]],
  "packages/functions/src/api/domain-app.ts": [["^/api/v1/courses/[^/]+/lessons/[^/]+/?$", ""]],
  "packages/tenants/src/domain/name.ts": [["\\p{Script=Latin}", "u"]],
  "packages/tenants/src/school/slug.ts": [["\\p{Script=Cyrillic}", "u"]],
  "packages/web/server/patterns.ts": [
    ["^/learn/[^/]+/[^/]+$", "i"],
    ["^/media/[^/]+(?:/.*)?$", "i"],
  ],
};

/** Finds every match, as `replaceAll` does; tries a sticky pattern at every index, as a tokenizer does. */
function matchAll(pattern: RegExp, text: string): void {
  if (pattern.global) for (const _ of text.matchAll(pattern));
  else pattern.exec(text);
}

function slowest(source: string, flags: string): string | undefined {
  const pattern = new RegExp(source, flags.includes("y") ? `${flags.replace("y", "")}g` : flags);
  for (const attack of attacksOn(source, flags)) {
    const slow = superlinear(
      (text) => matchAll(pattern, text),
      (length) => textOf(attack, length),
    );
    if (slow) return `${JSON.stringify(attack)} ${slow}`;
  }
  return undefined;
}

test("every regular expression takes time in proportion to its text", { timeout: 300_000 }, () => {
  const distinct = new Map(literals.map((pattern) => [`/${pattern.source}/${pattern.flags}`, pattern]));
  const slow: string[] = [];
  for (const [text, { source, flags, at }] of distinct) {
    const found = slowest(source, flags);
    if (found) slow.push(`${at} ${text}\n    ${found}`);
  }
  expect(slow.join("\n")).toBe("");
  expect(distinct.size).toBeGreaterThan(200);
});

test("every computed regular expression is listed, and takes time in proportion to its text", () => {
  expect([...new Set(computed.map(({ file }) => file))].sort()).toEqual(Object.keys(computedPatterns).sort());
  for (const [file, patterns] of Object.entries(computedPatterns))
    for (const [source, flags] of patterns) expect([file, slowest(source, flags)]).toEqual([file, undefined]);
});

test.each([
  ["(?:a|a)*$", ""],
  ["^(?:<!--[\\s\\S]*?-->\\s*)*<svg", "i"],
  ["\\s+$", ""],
  ["<[^>]*>", "g"],
  ["#.*$", ""],
  ["^\\s*([\\w-]+)\\s*=\\s*(.+?)\\s*$", ""],
])("the attacks find that /%s/%s is slow", (source, flags) => {
  expect(slowest(source, flags)).toBeDefined();
});
