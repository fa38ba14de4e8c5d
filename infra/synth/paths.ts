import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
/** Two evaluations at once need a place each. */
export const work = process.env.LECTERN_SYNTH_WORK ?? path.join(root, ".sst");
export const platform = path.join(root, ".sst/platform");
export const artifacts = path.join(work, "artifacts");
/** Where each stage's graph is written. */
export const graphs = path.join(work, "synth");
