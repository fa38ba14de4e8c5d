import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "./graph.ts";
import { graphs } from "./paths.ts";

const fileOf = (stage: string) => path.join(graphs, `${stage}.json`);

const howTo = (stage: string) => (stage === "regions" ? "npm run synth -- --regions" : "npm run synth");

/** Returns the graphs that `npm run synth` wrote; exits with one sentence when they are missing. */
export function evaluated(stages: readonly string[]): Graph[] {
  const missing = stages.filter((stage) => !existsSync(fileOf(stage)));
  if (missing.length > 0) {
    process.stderr.write(
      `Not evaluated yet: ${missing.join(", ")}. Run ${[...new Set(missing.map(howTo))].join(" and ")} first.\n`,
    );
    process.exit(1);
  }
  return stages.map((stage): Graph => JSON.parse(readFileSync(fileOf(stage), "utf8")));
}
