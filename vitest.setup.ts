import { inject } from "vitest";

// Before anything reads `Resource`: what the local cloud of this run listens on.
process.env.SST_RESOURCES_JSON = inject("resources");
process.env.LECTERN_LOG ??= "silent";
