import { expect, test } from "vitest";
import { check, rules } from "../rules/index.ts";
import { graphOf, stages } from "./graphs.ts";

test.each(stages)("%s evaluates whole: no rejection, no bundle that failed, nothing a rule finds", (stage) => {
  const graph = graphOf(stage);
  expect(graph.rejections).toEqual([]);
  expect(graph.resources.length).toBeGreaterThan(0);
  if (!stage.endsWith("-dev"))
    for (const { name, zipKb } of graph.bundles) expect([name, zipKb]).not.toEqual([name, 0]);
  expect(check(graph)).toEqual([]);
});

test("rules have names of their own and say why", () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const { why } of rules) expect(why).toMatch(/\.$/);
});
