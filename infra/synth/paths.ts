import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const work = path.join(root, ".sst");
export const platform = path.join(work, "platform");
/** Where bundles are built, once for every stage that has them. */
export const bundles = path.join(work, "bundles");
/** Where each stage's graph is written. */
export const graphs = path.join(work, "synth");
/** SST writes zips by functions' names: evaluations side by side have a folder each. */
export const laneOf = (lane: string): string => path.join(work, "lanes", lane);
