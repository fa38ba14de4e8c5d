import fc from "fast-check";
import { expect, test } from "vitest";
import { newNumber, parseNumber } from "./number.ts";

test("a number reads without look-alikes and survives being typed", () => {
  for (let i = 0; i < 500; i += 1) {
    const number = newNumber();
    expect(number).toMatch(/^LRN-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{2}$/);
    expect(parseNumber(number)).toBe(number);
    expect(parseNumber(number.toLowerCase().replaceAll("-", " "))).toBe(number);
    expect(parseNumber(number.slice(4))).toBe(number);
  }
});

test("one or two wrong characters, and swapped neighbours, are noticed", () => {
  const body = (number: string) => number.slice(4).replaceAll("-", "");
  const alphabet = [..."23456789ABCDEFGHJKMNPQRSTUVWXYZ"];
  fc.assert(
    fc.property(fc.nat(9), fc.nat(9), fc.constantFrom(...alphabet), fc.constantFrom(...alphabet), (i, j, x, y) => {
      const right = body(newNumber());
      const wrong = [...right];
      wrong[i] = x;
      wrong[j] = y;
      if (wrong.join("") !== right) expect(parseNumber(wrong.join(""))).toBeUndefined();
      const swapped = [...right];
      [swapped[i], swapped[(i + 1) % 8]] = [swapped[(i + 1) % 8] ?? "", swapped[i] ?? ""];
      if (i < 7 && swapped.join("") !== right) expect(parseNumber(swapped.join(""))).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test("what is not a number is not one", () => {
  for (const text of ["", "LRN", "LRN-0000-0000-00", "hello world", "7".repeat(400)])
    expect(parseNumber(text)).toBeUndefined();
});
