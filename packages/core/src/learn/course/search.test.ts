import fc from "fast-check";
import { expect, test } from "vitest";
import { corrected, distance, documentOf, exactOf, leftOut, queryOf, wordsOf } from "./search.ts";

test("words are folded and cut the same in every script", () => {
  expect(wordsOf("Crème-brûlée, Node.js & C++ (2026)")).toEqual(["creme", "brulee", "node", "js", "c++", "2026"]);
  expect(wordsOf("ＰＹＴＨＯＮ")).toEqual(["python"]);
  expect(wordsOf("机器学习入门").length).toBeGreaterThan(1);
});

test("a query of anything is a well-formed query of letters and digits", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (q) => {
      const query = queryOf(q);
      if (!query) return;
      expect(query.words.length).toBeLessThanOrEqual(8);
      for (const word of query.words) expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+[+#]{0,2}$/u);
    }),
  );
});

test("a name keeps its signs, and signs between words stay signs", () => {
  expect(wordsOf("C, C++17, C# and F#.")).toEqual(["c", "c++", "17", "c#", "and", "f#"]);
  expect(wordsOf("python+django #trees 1+1 a#b")).toEqual(["python", "django", "trees", "1", "1", "a", "b"]);
});

test("a single letter is no prefix, because that would find everything", () => {
  expect(exactOf(["c", "programming"])).toBe("'c' & 'programming':*");
});

test("words are met at one edit: left out, added, replaced, swapped", () => {
  const stored = new Set(leftOut("python"));
  for (const typed of ["pyhton", "pythn", "pythonn", "pithon", "ypthon"])
    expect(
      leftOut(typed).some((form) => stored.has(form)),
      typed,
    ).toBe(true);
  expect(leftOut("css")).toEqual(["css"]);
});

test("the nearest word that somebody uses is what was meant", () => {
  const documents = [
    ["python", "basics", "photon"],
    ["python", "for", "children"],
  ];
  expect(corrected(["pyhton"], documents)).toEqual(["python"]);
  expect(corrected(["pyhton", "basics"], documents)).toEqual(["python", "basics"]);
  expect(corrected(["childern", "python"], documents)).toEqual(["children", "python"]);
  expect(corrected(["zzzzzz"], documents)).toBeUndefined();
});

test("the distance of two words counts a swap of neighbours once", () => {
  expect(distance("pyhton", "python", 2)).toBe(1);
  expect(distance("kitten", "sitting", 3)).toBe(3);
  expect(distance("abcdef", "a", 2)).toBeGreaterThan(2);
});

test("a document weighs its title most and does not grow without end", () => {
  const { search, typo } = documentOf({
    title: "Python basics",
    summary: "Learn Python",
    descriptionHtml: "<p>For <b>everyone</b> &amp; all</p>",
    lessonTitles: ["Lists", "Lists again"],
  });
  expect(search).toContain("'python':1A,4B");
  expect(search).toMatch(/'lists':\d+C,\d+C/);
  expect(search).toMatch(/'everyone':\d+D/);
  expect(search).not.toContain("'b'");
  expect(typo).toContain("'pyton'");
  const large = documentOf({
    title: "Large",
    summary: "",
    descriptionHtml: "",
    lessonTitles: Array.from({ length: 5_000 }, (_, i) => `word${i} lesson`),
  });
  expect(large.search.length).toBeLessThan(50_000);
  expect(large.typo.length).toBeLessThan(100_000);
});
