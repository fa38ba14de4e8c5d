// npm run rights writes infra/delivery/rights.json from the evaluated stages.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { optionsOf } from "../options.ts";
import { evaluated } from "../synth/evaluated.ts";
import { root } from "../synth/paths.ts";
import { servicesOf } from "./rights.ts";

optionsOf("npm run rights: writes infra/delivery/rights.json, what the deploy role may do", {});
const services = servicesOf(evaluated(["production", "staging"]));
writeFileSync(path.join(root, "infra/delivery/rights.json"), `${JSON.stringify(services, null, 2)}\n`);
