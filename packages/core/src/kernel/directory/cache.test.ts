import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cache } from "./cache.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A source that can be away, and counts who asks. */
function source(options?: { staleMs?: number }) {
  const at = { isAway: false, asked: 0, value: "first" as string | undefined };
  const kept = cache<{ value: string }>(
    30_000,
    async () => {
      at.asked += 1;
      if (at.isAway) throw new Error("away");
      return at.value === undefined ? undefined : { value: at.value };
    },
    options,
  );
  return { at, kept };
}
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

test("what was known stays good while its source is away, and is asked for once a second", async () => {
  const { at, kept } = source({ staleMs: 600_000 });
  await kept.get("a");
  at.isAway = true;
  later(31_000);
  for (let i = 0; i < 5; i += 1) expect(await kept.get("a")).toEqual({ value: "first" });
  expect(at.asked).toBe(2);
  later(1_001);
  expect(await kept.get("a")).toEqual({ value: "first" });
  expect(at.asked).toBe(3);
  Object.assign(at, { isAway: false, value: "second" });
  later(1_001);
  expect(await kept.get("a")).toEqual({ value: "second" });
});

test("not longer than it was promised, nor once it was forgotten, nor where nothing was promised", async () => {
  const promised = source({ staleMs: 60_000 });
  await promised.kept.get("a");
  promised.at.isAway = true;
  later(89_000);
  expect(await promised.kept.get("a")).toEqual({ value: "first" });
  later(2_000);
  await expect(promised.kept.get("a")).rejects.toThrow("away");

  const forgotten = source({ staleMs: 60_000 });
  await forgotten.kept.get("a");
  forgotten.kept.forget(() => true);
  forgotten.at.isAway = true;
  await expect(forgotten.kept.get("a")).rejects.toThrow("away");

  const bare = source();
  await bare.kept.get("a");
  bare.at.isAway = true;
  later(31_000);
  await expect(bare.kept.get("a")).rejects.toThrow("away");
});

test("what is there no more is not given for stale", async () => {
  const { at, kept } = source({ staleMs: 600_000 });
  await kept.get("a");
  at.value = undefined;
  later(31_000);
  expect(await kept.get("a")).toBeUndefined();
  at.isAway = true;
  await expect(kept.get("a")).rejects.toThrow("away");
});
