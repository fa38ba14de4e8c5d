import fc from "fast-check";
import { expect, test } from "vitest";
import { isVisible, oneLine, personName, tidy } from "./index.ts";

test("what is typed is stored in NFC, without what nobody sees", () => {
  expect(tidy("Zoe\u0301")).toBe("Zoé");
  expect(tidy("Mu\u200bl\u2060l\ufeffer\u200d")).toBe("Muller");
  expect(tidy("a\u2060\u0301\u200dbc")).toBe("ábc");
  expect(oneLine(" Ada\u0000\n\tLove\u00a0lace ")).toBe("Ada Love lace");
});

test.each([
  ["Persian", "می\u200cخواهم"],
  ["Sinhala", "ශ්\u200dරී"],
  ["Hindi", "क्\u200dष"],
  ["Khmer", "ភាសា\u200bខ្មែរ"],
  ["a family", "👨\u200d👩\u200d👧"],
  ["a flag", "🏳\ufe0f\u200d🌈"],
])("joiners stay where they carry meaning: %s", (_, text) => {
  expect(tidy(text)).toBe(text.normalize("NFC"));
});

test.each(["\u200b", "\u200d\u200c", "\u3164", "\u2800", "\u00ad", "\u200f", "\u115f ", " \ufeff "])(
  "a name of %j is no name",
  (name) => {
    expect(personName(name)).toBe("");
    expect(isVisible(name)).toBe(false);
  },
);

test("tidying twice changes nothing, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."aé\u0301\u200b\u200c\u200d\u2060میक्👩ก") }), (text) => {
      const once = tidy(text);
      expect(tidy(once)).toBe(once);
      expect(once).toBe(once.normalize("NFC"));
    }),
  );
});
