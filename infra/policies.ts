import { sealBuckets } from "./storage.ts";

// Last of all: every module has said by now whom it lets into which bucket.
sealBuckets();
