// npm run rights: infra/delivery/rights.json from the evaluated stages.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { graphs, root } from "../synth/paths.ts";
import { servicesOf } from "./rights.ts";

const evaluated = ["production", "staging"].map((stage) =>
  JSON.parse(readFileSync(path.join(graphs, `${stage}.json`), "utf8")),
);
writeFileSync(path.join(root, "infra/delivery/rights.json"), `${JSON.stringify(servicesOf(evaluated), null, 2)}\n`);
