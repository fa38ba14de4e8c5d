import { describe, expect, test } from "vitest";
import { SchoolName } from "./name.ts";
import { reservedSlugs } from "./reserved.ts";
import { checkSlug, proposeSlug, skeletonOf, suggestSlug } from "./slug.ts";

const codeFor = (slug: string) => {
  const verdict = checkSlug(slug);
  return verdict.ok ? "ok" : verdict.code;
};

describe("an address", () => {
  test.each(["abc", "acme", "modern-art", "school1", "2024", "a-b-c", "x".repeat(40), "lecture", "rnb-school"])(
    "%s is fine",
    (slug) => expect(codeFor(slug)).toBe("ok"),
  );

  test.each([
    ["", "slug.length"],
    ["ab", "slug.length"],
    ["x".repeat(41), "slug.length"],
    ["Acme", "slug.characters"],
    ["a b", "slug.characters"],
    ["a_b", "slug.characters"],
    ["a.b.c", "slug.characters"],
    ["a/b", "slug.characters"],
    ["abc\n", "slug.characters"],
    ["-abc", "slug.hyphen"],
    ["abc-", "slug.hyphen"],
    ["a--b", "slug.hyphen"],
    ["xn--acme", "slug.hyphen"],
    ["café", "slug.characters"],
    ["日本語学校", "slug.characters"],
  ])("%j is refused with %s", (slug, code) => expect(codeFor(slug)).toBe(code));

  test.each([
    ["аcme", "Cyrillic a"],
    ["раураl", "mostly Cyrillic"],
    ["αcme", "Greek alpha"],
    ["аррӏе", "all Cyrillic"],
    ["ａｃｍｅ", "full width"],
    ["𝐚𝐜𝐦𝐞", "mathematical"],
    ["ſchool", "long s"],
    ["ac‐me", "another hyphen"],
    ["ac\u200bme", "zero width space"],
    ["ac\u00adme", "soft hyphen"],
    ["acme\u202e", "direction override"],
    ["acm\u0435", "Cyrillic e"],
  ])("%s (%s) is refused as a look-alike", (slug) => expect(codeFor(slug)).toBe("slug.lookalike"));

  test.each(["www", "api", "auth", "admin", "mail", "app", "status", "docs", "help", "support", "platform", "lectern"])(
    "%s is reserved",
    (slug) => expect(codeFor(slug)).toBe("slug.reserved"),
  );

  test.each(["ap1", "adm1n", "adrnin", "l0gin", "rnail", "1ectern", "lectem", "a-pi", "supp0rt", "vvww"])(
    "%s looks like a reserved name",
    (slug) => expect(codeFor(slug)).toBe("slug.lookalike"),
  );

  test("every refusal has a reason in words", () => {
    for (const slug of ["", "API", "аcme", "a--b", "api", "ap1", "é", "ac\u200bme"]) {
      const verdict = checkSlug(slug);
      expect(verdict.ok ? "" : verdict.reason).toMatch(/^.{15,200}[.?]$/u);
    }
  });

  test("every reserved name that could be an address is refused", () => {
    for (const name of reservedSlugs)
      if (name.length >= 3) expect([name, codeFor(name)]).toEqual([name, "slug.reserved"]);
  });

  test.each([
    ["acme", "acrne"],
    ["school1", "schooll"],
    ["zoo", "z0o"],
    ["wave", "vvave"],
  ])("%s and %s have the same skeleton", (one, other) => expect(skeletonOf(one)).toBe(skeletonOf(other)));
});

describe("a suggestion", () => {
  test.each([
    ["École Supérieure de Lyon", "ecole-superieure-de-lyon"],
    ["Hochschule für Musik & Tanz", "hochschule-fur-musik-and-tanz"],
    ["St. Mary’s", "st-marys"],
    ["Straße", "strasse"],
    ["API", "api-school"],
    ["日本語学校", ""],
    ["--", ""],
  ])("for %s is %j", (name, slug) => expect(suggestSlug(name)).toBe(slug));

  test("is always a permitted address", () => {
    for (const name of [...reservedSlugs, "A", "x".repeat(300), "a ".repeat(60)]) {
      const slug = suggestSlug(name);
      if (slug) expect([name, codeFor(slug)]).toEqual([name, "ok"]);
    }
  });
});

describe("a proposal", () => {
  test.each([
    ["日本語学校", "ri-ben-yu-xue-xiao"],
    ["مدرسة النور", "mdrsh-lnwr"],
    ["Школа Плюс", "shkola-plyus"],
    ["École d’été", "ecole-dete"],
    ["Ünïcode Straße", "unicode-strasse"],
    ["Landesakademie für Weiterbildung im Weiterbildungsakademiehaus", "landesakademie-fur-weiterbildung-im"],
    ["🎓", ""],
  ])("for %s is %j", async (name, slug) => expect(await proposeSlug(name)).toBe(slug));
});

describe("a school's name", () => {
  test.each([
    ["  Ada   Academy ", "Ada Academy"],
    ["नमस्ते स्कूल", "नमस्ते स्कूल"],
    ["مدرسة النور", "مدرسة النور"],
    ["می‌خواهم", "می‌خواهم"],
    ["👩‍🏫 School", "👩‍🏫 School"],
    ["<b>Bold</b> & Co", "<b>Bold</b> & Co"],
  ])("%j is kept as %j", (name, kept) => expect(SchoolName.parse(name)).toBe(kept));

  test.each([
    "",
    "x",
    "y".repeat(81),
    "a\nb",
    "a\u0000b",
    "a\u202eb",
    "a\u2066b",
    "\u200b\u200b\u200b",
    "a\u200bb",
    "a\ud800b",
    "\ue000\ue001",
    "...",
    `Z${"\u0337".repeat(9)}`,
  ])("%j is refused", (name) => expect(SchoolName.safeParse(name).success).toBe(false));
});
