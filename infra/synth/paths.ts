import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const work = path.join(root, ".sst");
export const platform = path.join(work, "platform");
export const artifacts = path.join(work, "artifacts");
/** Where each stage's graph is written. */
export const graphs = path.join(work, "synth");
