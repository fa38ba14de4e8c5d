import { expect, test } from "vitest";
import { endpoints } from "./endpoints.ts";
import { sectionOf, sections } from "./sections.ts";

test("the sections contain every operation once", async () => {
  const all = await Promise.all(Object.keys(sections).map(sectionOf));
  const names = all.flat().map(({ name }) => name);
  expect(names.sort()).toEqual(endpoints.map(({ name }) => name).sort());
});

test("every section has operations, and every module it loads declares one", async () => {
  for (const [segment, declaring] of Object.entries(sections)) {
    const own = new Set((await sectionOf(segment)).map(({ name }) => name));
    expect(own.size, segment).toBeGreaterThan(0);
    for (const read of declaring)
      expect(
        (await read()).some(({ name }) => own.has(name)),
        segment,
      ).toBe(true);
  }
});

test.each(["", "nothing", "constructor", "__proto__"])("the section %j is empty", async (name) => {
  expect(await sectionOf(name)).toEqual([]);
});
