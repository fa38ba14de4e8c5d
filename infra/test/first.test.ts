import { afterEach, expect, test, vi } from "vitest";

afterEach(() => vi.unstubAllGlobals());

// A deployment deletes what is missing from it, so this one must never run on an existing stage.
test("the first deployment refuses a stage that has something already", async () => {
  vi.stubGlobal("$app", { name: "lectern", stage: "production" });
  vi.stubGlobal("$cli", { state: { version: { Network: 2 } } });
  const first = "../first.ts";
  await expect(import(/* @vite-ignore */ first)).rejects.toThrow("stands already: LECTERN_FIRST");
});
