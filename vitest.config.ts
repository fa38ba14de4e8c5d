import { defineConfig } from "vitest/config";

// Tests run on the local cloud's real parts: one Postgres, one DynamoDB, ... for the whole run, a school for each test.
export default defineConfig({
  test: {
    include: ["packages/**/*.test.{ts,tsx}", "infra/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/build/**"],
    globalSetup: ["./vitest.global.ts"],
    setupFiles: ["./vitest.setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    // For what hangs, not for what is slow: two cores are shared by many parts, and other people's work beside them.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
