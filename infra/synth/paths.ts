import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const work = path.join(root, ".sst");
export const platform = path.join(work, "platform");
export const bundles = path.join(work, "bundles");
export const graphs = path.join(work, "synth");
/** SST names zips after functions, so parallel evaluations need separate folders. */
export const laneOf = (lane: string): string => path.join(work, "lanes", lane);
