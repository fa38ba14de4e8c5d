import { sealBuckets } from "./storage.ts";

// Runs last, after every module has added its bucket permissions.
sealBuckets();
