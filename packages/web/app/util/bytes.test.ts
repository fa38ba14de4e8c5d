import { expect, test } from "vitest";
import { largestOf, sizeOf } from "./bytes.ts";

test("a size uses the largest unit that fits and is never rounded down", () => {
  const sizes = [1, 1023, 1024, 512 * 1024, 512 * 1024 + 1, 1.5 * 1024 * 1024, 512 * 1024 * 1024];
  expect(sizes.map(sizeOf)).toEqual(["1 bytes", "1023 bytes", "1 KB", "512 KB", "513 KB", "1.5 MB", "512 MB"]);
});

test("the upload limit comes from the policy", () => {
  const policy = {
    expiration: "2026-12-01T00:00:00Z",
    conditions: [["content-length-range", 1, 524288], { key: "a" }],
  };
  expect(largestOf({ Policy: btoa(JSON.stringify(policy)) })).toBe(524288);
  expect(largestOf({})).toBe(Number.POSITIVE_INFINITY);
});
