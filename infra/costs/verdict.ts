import type { Graph } from "../synth/graph.ts";
import { months } from "./months.ts";
import { standing, total } from "./standing.ts";
import { monthly } from "./usage.ts";

export const idleLimitUsd = 100;

export const isSmall = ({ stage }: Graph): boolean => !/^(production|staging)$/.test(stage);

export function complaints(graph: Graph): string[] {
  const idle = total(monthly(graph, months.idle));
  return [
    ...standing(graph).unknown.map((type) => `${graph.stage}: ${type} has no price (infra/costs/standing.ts)`),
    ...(isSmall(graph) && idle > idleLimitUsd
      ? [`${graph.stage} costs $${Math.round(idle)} a month idle, over $${idleLimitUsd}`]
      : []),
  ];
}
