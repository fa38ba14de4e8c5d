import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

// What is not in a deployment is taken away by it, so this one must never meet a stage that stands.
test("the first deployment refuses a stage that has something already", async () => {
  vi.stubGlobal("$app", { name: "lectern", stage: "production" });
  vi.stubGlobal("$cli", { state: { version: { Network: 2 } } });
  const first = "../first.ts";
  await expect(import(/* @vite-ignore */ first)).rejects.toThrow("stands already: LECTERN_FIRST");
});
