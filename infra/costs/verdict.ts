import type { Graph } from "../synth/graph.ts";
import { months } from "./months.ts";
import { standing, total } from "./standing.ts";
import { monthly } from "./usage.ts";

/** What a stage of one person or one pull request may cost a month when nobody uses it. */
export const idleLimitUsd = 100;

export const isSmall = ({ stage }: Graph): boolean => !/^(production|staging)$/.test(stage);

/** Why a stage's costs are not in order; empty when they are. */
export function complaints(graph: Graph): string[] {
  const idle = total(monthly(graph, months.idle));
  return [
    ...standing(graph).unknown.map(
      (type) => `${graph.stage}: nobody has put a price on ${type} (infra/costs/standing.ts)`,
    ),
    ...(isSmall(graph) && idle > idleLimitUsd
      ? [`${graph.stage} costs $${Math.round(idle)} a month idle, over $${idleLimitUsd}`]
      : []),
  ];
}
