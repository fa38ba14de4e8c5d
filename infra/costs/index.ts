// npm run costs [-- --check] writes docs/costs.md from the evaluated stages and the price table. Exit 1 when a preview
// or personal stage costs too much idle or a resource has no price; with --check also when the document is out of date.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { optionsOf } from "../options.ts";
import { evaluated } from "../synth/evaluated.ts";
import { root } from "../synth/paths.ts";
import { costsDocument } from "./document.ts";
import { complaints } from "./verdict.ts";

const file = path.join(root, "docs/costs.md");
const help = "npm run costs [-- --check]: writes docs/costs.md; with --check says whether it is out of date";
const { check } = optionsOf(help, { check: { type: "boolean" } });
const [regions, ...stages] = evaluated(["regions", "production", "staging", "preview", "ada"]);
if (!regions) throw new Error("nothing was evaluated");
const wrong = [...stages, regions].flatMap(complaints);
const document = costsDocument(stages, regions);
if (check) {
  if (!existsSync(file) || readFileSync(file, "utf8") !== document)
    wrong.push("docs/costs.md is out of date: run npm run costs");
} else writeFileSync(file, document);
for (const complaint of wrong) process.stderr.write(`${complaint}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
