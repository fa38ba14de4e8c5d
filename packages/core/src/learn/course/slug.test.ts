import { expect, test } from "vitest";
import { slugAllocator, slugOf } from "./slug.ts";

test("a slug is lower case, without accents, and cut at a word", () => {
  expect(slugOf("  Crème Brûlée: C'est facile!  ")).toBe("creme-brulee-cest-facile");
  expect(slugOf(`${"lengthy ".repeat(20)}`)).toBe("lengthy-lengthy-lengthy-lengthy-lengthy-lengthy-lengthy");
  expect(slugOf("x".repeat(300))).toHaveLength(60);
});

test("letters of every script stay, and what has none gets the fallback", () => {
  expect(slugOf("Введение в Python")).toBe("введение-в-python");
  expect(slugOf("机器学习 入门")).toBe("机器学习-入门");
  expect(slugOf("!!! …", "lesson")).toBe("lesson");
});

test("a slug never looks like an id", () => {
  expect(slugOf("crs_0000000000000000000000000a")).not.toContain("_");
});

test("an allocator never hands out the same slug twice", () => {
  const next = slugAllocator(["intro", "intro-3"]);
  expect([next("Intro"), next("Intro"), next("intro!"), next("Other")]).toEqual([
    "intro-2",
    "intro-4",
    "intro-5",
    "other",
  ]);
});
