// npm run costs [-- --check]: docs/costs.md from the evaluated stages and the price table. Exit 1 when a preview or a
// person's stage would cost too much idle, or something has no price; with --check also when the document is out of date.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "../synth/graph.ts";
import { graphs, root } from "../synth/paths.ts";
import { costsDocument } from "./document.ts";
import { complaints } from "./verdict.ts";

const file = path.join(root, "docs/costs.md");
const evaluated = ["production", "staging", "preview", "ada"].map((stage): Graph => {
  const graph = path.join(graphs, `${stage}.json`);
  if (!existsSync(graph)) throw new Error(`${stage} has not been evaluated: run npm run synth first`);
  return JSON.parse(readFileSync(graph, "utf8"));
});
const wrong = evaluated.flatMap(complaints);
const document = costsDocument(evaluated);
if (process.argv.includes("--check")) {
  if (!existsSync(file) || readFileSync(file, "utf8") !== document)
    wrong.push("docs/costs.md is out of date: run npm run costs");
} else writeFileSync(file, document);
for (const complaint of wrong) process.stderr.write(`${complaint}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
