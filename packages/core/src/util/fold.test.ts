import { Db } from "@lectern/core/kernel/db";
import { aSchool, asSystem } from "@lectern/tenants/testing";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import type { Route } from "../kernel/actor/index.ts";
import { collationOf } from "./collation.ts";
import { fold, foldedSql } from "./fold.ts";

let school: Route;
beforeAll(async () => {
  school = await aSchool();
});

test.each([
  ["Ångström", "angstrom"],
  ["Łukasz", "lukasz"],
  ["Straße", "strasse"],
  ["ẞ", "ss"],
  ["Cœur Æsir Þór", "coeur aesir thor"],
  ["ISI ısı İzmir", "isi isi izmir"],
  ["O’Brien", "o'brien"],
  ["Zoe\u0301", "zoe"],
  ["ＰＹＴＨＯＮ", "python"],
  ["مُقَدِّمَة", "مقدمه"],
  ["مقدمة", "مقدمه"],
  ["کتاب یک", "كتاب يك"],
  ["كتــاب", "كتاب"],
  ["۱۲۳ ٤٥", "123 45"],
  ["עִבְרִית", "עברית"],
  ["ΣΊΣΥΦΟΣ", "σισυφοσ"],
  ["Ёлка", "елка"],
  ["می\u200cخواهم", "ميخواهم"],
  ["ハンドブック", "ハンドブック"],
  ["हिन्दी", "हिन्दी"],
])("%s is compared as %s, whatever its normalization form", (typed, folded) => {
  for (const form of ["NFC", "NFD", "NFKC", "NFKD"] as const) expect(fold(typed.normalize(form))).toBe(fold(folded));
  expect(fold(typed)).toBe(folded.normalize("NFC"));
});

const inPostgres = (texts: readonly string[]): Promise<string[]> =>
  asSystem(school, () =>
    Db.use(async (tx) => {
      const rows = await tx.execute<{ folded: string }>(
        sql`select ${foldedSql(sql`t`)} as folded
          from jsonb_array_elements_text(${JSON.stringify(texts)}::jsonb) with ordinality as x(t, n) order by n`,
      );
      return rows.map(({ folded }) => folded);
    }),
  );

test("Postgres folds every letter and mark as TypeScript does", async () => {
  // Letters that either side's Unicode tables may not know yet have no name to be searched for.
  const known =
    /^(?=[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}])(?!\u2c2f)(?:[\u0020-\u1c7f]|[\u1d00-\ua63f\uac00-\ud7a3\uf900-\uffdc])$/u;
  const all = Array.from({ length: 0xffdc }, (_, code) => String.fromCharCode(code)).filter((text) => known.test(text));
  const folded = await inPostgres(all);
  expect(all.filter((text, n) => fold(text) !== folded[n]).map((text) => text.charCodeAt(0).toString(16))).toEqual([]);
});

test("Postgres folds whole names as TypeScript does", async () => {
  const letters = [..."aZéÅßœæÞłıİΣςσabcЙё'’ -ـمُقَدِّةيیكکעִבְ٣۴がﬁＡ한글ก้हिन्"];
  const text = fc.string({ unit: fc.constantFrom(...letters, "\u0301", "\u0308", "\u200d"), maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 50, maxLength: 50 }), async (texts) => {
      expect(await inPostgres(texts)).toEqual(texts.map(fold));
    }),
    { numRuns: 10 },
  );
});

test("folding twice changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      expect(fold(fold(text))).toBe(fold(text));
    }),
  );
});

test("every collation that a language is sorted by is on the server", async () => {
  const rows = await asSystem(school, () =>
    Db.use((tx) => tx.execute<{ name: string }>(sql`select collname as name from pg_catalog.pg_collation`)),
  );
  const there = new Set(rows.map(({ name }) => name));
  const tags = Array.from({ length: 26 * 26 }, (_, n) => String.fromCharCode(97 + Math.floor(n / 26), 97 + (n % 26)));
  const wanted = new Set([...tags, "fil", "haw", "kok", "und"].map(collationOf));
  expect([...wanted].filter((name) => !there.has(name))).toEqual([]);
  expect(collationOf("de-CH")).toBe("und-x-icu");
  expect(collationOf("sv-SE")).toBe("sv-x-icu");
  expect(collationOf("xx")).toBe("und-x-icu");
});
