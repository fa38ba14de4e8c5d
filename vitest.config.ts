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
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
