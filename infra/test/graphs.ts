import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { rules } from "../rules/index.ts";
import type { Graph, GraphResource } from "../synth/graph.ts";
import { graphs } from "../synth/paths.ts";

export function graphOf(stage: string): Graph {
  const file = path.join(graphs, `${stage}.json`);
  if (!existsSync(file)) throw new Error(`${file} is not there: run npm run synth first`);
  return JSON.parse(readFileSync(file, "utf8"));
}

export const stages = ["production", "staging", "preview", "ada", "ada-dev"] as const;

/**
 * Expects no finding on the graph, and one after `plant` made its mistake: a rule that cannot fail protects nothing.
 */
export function expectRule(rule: string, graph: Graph, plant: (copy: Planted) => void): void {
  const judges = rules.filter(({ name }) => name === rule);
  if (judges.length === 0) throw new Error(`there is no rule ${rule}`);
  const found = (of: Graph) => judges.flatMap((each) => [...each.check(of)]);
  expect(found(graph)).toEqual([]);
  const copy = structuredClone(graph) as unknown as { resources: PlantedResource[] };
  plant({
    find: (type, name) => {
      const resource = copy.resources.find(
        (each) => each.type === type && (name === undefined || name.test(each.name)),
      );
      if (!resource) throw new Error(`${graph.stage} has no ${type} ${name ?? ""} to plant a mistake in`);
      return resource;
    },
    add: (type, name, inputs) => void copy.resources.push({ type, name, inputs, opts: {} }),
    remove: (type, name) => {
      copy.resources = copy.resources.filter(
        (each) => each.type !== type || (name !== undefined && !name.test(each.name)),
      );
    },
  });
  expect(found(copy as unknown as Graph).length, `${rule} did not see the planted mistake`).toBeGreaterThan(0);
}

interface PlantedResource {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a mistake may be planted anywhere in it.
  readonly inputs: Record<string, any>;
  readonly opts: { -readonly [key in keyof GraphResource["opts"]]: GraphResource["opts"][key] };
}
interface Planted {
  find(type: string, name?: RegExp): PlantedResource;
  add(type: string, name: string, inputs: Record<string, unknown>): void;
  remove(type: string, name?: RegExp): void;
}
