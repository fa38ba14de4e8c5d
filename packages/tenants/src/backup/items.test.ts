import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { carried, leftOut } from "./items.ts";

const packages = fileURLToPath(new URL("../../../", import.meta.url));
const model = /model:\s*\{\s*service:\s*"([a-z-]+)",\s*entity:\s*"([a-z-]+)"/g;

/** Returns every item kind that a source defines in the data table, as `service/entity`. */
const kindsIn = (source: string): string[] =>
  source
    .split(/(?=\b(?:data|directory)Entity\()/)
    .filter((part) => part.startsWith("dataEntity("))
    .flatMap((part) => [...part.matchAll(model)].map(([, service, entity]) => `${service}/${entity}`));

const declared = new Set([
  ...Object.entries(carried).flatMap(([service, kinds]) => kinds.map((kind) => `${service}/${kind}`)),
  ...Object.keys(leftOut),
]);

test("a dump carries every item kind of the data table or states why not", () => {
  const sources = readdirSync(packages, { recursive: true, withFileTypes: true }).filter(
    (file) => file.isFile() && file.name.endsWith(".entity.ts") && !file.parentPath.includes("node_modules"),
  );
  const found = sources.flatMap((file) => kindsIn(readFileSync(join(file.parentPath, file.name), "utf8")));
  expect(found.length).toBeGreaterThan(8);
  expect(found.filter((kind) => !declared.has(kind))).toEqual([]);
  expect([...declared].filter((kind) => !found.includes(kind))).toEqual([]);
  // The search finds undeclared kinds.
  expect(kindsIn('dataEntity({ model: { service: "learning", entity: "grade", version: "1" } })')).toEqual([
    "learning/grade",
  ]);
  expect(declared.has("learning/grade")).toBe(false);
});
