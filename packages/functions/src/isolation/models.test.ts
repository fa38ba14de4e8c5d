import { globSync } from "node:fs";
import path from "node:path";
import { Entity, type Schema } from "electrodb";
import { expect, test } from "vitest";

// Our entities leave ElectroDB's own look at their models out (kernel/dynamo), because it costs every cold start.

const packages = path.resolve(import.meta.dirname, "../../..");
const files = globSync("*/src/**/*.entity.ts", { cwd: packages });
type Model = Schema<string, string, string>;
const modelsOf = async (file: string): Promise<[string, Model][]> =>
  Object.entries(await import(path.join(packages, file))).flatMap(([name, made]) =>
    typeof made === "function" && "schema" in made ? [[name, made.schema as Model]] : [],
  );

test("ElectroDB finds nothing wrong with any model", async () => {
  const all = (await Promise.all(files.map(modelsOf))).flat();
  expect(all.length).toBeGreaterThan(25);
  for (const [name, model] of all) expect(() => new Entity(model), name).not.toThrow();
});

test("it would find a mistake", () => {
  const wrong = {
    attributes: { a: { type: "strnig" } },
    model: { service: "a", entity: "b", version: "1" },
    indexes: {},
  };
  expect(() => new Entity(wrong as unknown as Model)).toThrow(/minimum property length/);
});
