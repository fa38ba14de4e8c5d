import { defineConfig } from "vitest/config";

// Tests run on the local cloud's real parts: one Postgres, one DynamoDB, ... for the whole run, a school for each test.
export default defineConfig({
  test: {
    include: ["packages/**/*.test.{ts,tsx}", "infra/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/build/**"],
    globalSetup: ["./vitest.global.ts"],
    setupFiles: ["./vitest.setup.ts"],
    // The built pages are loaded by Node itself, as a stage loads them: Vitest's own loader knows nothing that may be
    // imported twice at the same time, and answers the second `import()` of a chunk with nothing.
    server: { deps: { external: [/\/packages\/web\/build\//] } },
    pool: "forks",
    maxWorkers: 2,
    // For what hangs, not for what is slow: two cores are shared by many parts, and other people's work beside them.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
