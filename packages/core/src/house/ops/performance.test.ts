import { expect, test } from "vitest";
import { histogramOf, percentileOf, sumOf } from "./histogram.ts";
import { judge } from "./performance.ts";

const many = (ms: number, n = 100) => Array.from({ length: n }, (_, i) => ms * (0.5 + i / n));
const route = "GET /courses/:courseSlug";

test("a percentile is told to within a twentieth, from a millisecond to a minute", () => {
  for (const scale of [2, 17, 120, 900, 4_000, 30_000]) {
    const samples = many(scale, 1_000).sort((a, b) => a - b);
    for (const share of [0.5, 0.95, 0.99]) {
      const exact = samples[Math.ceil(share * samples.length) - 1] ?? 0;
      const told = percentileOf(histogramOf(samples), share) ?? 0;
      expect(Math.abs(told - exact)).toBeLessThanOrEqual(Math.max(0.6, exact * 0.055));
    }
  }
  expect(percentileOf(new Map(), 0.95)).toBeUndefined();
});

test("histograms of several days add up to that of all their samples", () => {
  const [a, b] = [many(30), many(700)];
  expect(sumOf([histogramOf(a), histogramOf(b)])).toEqual(histogramOf([...a, ...b]));
});

test("a route that has become much slower is a regression; noise, small routes and new ones are none", () => {
  const week = histogramOf(many(200, 700));
  expect(judge(route, histogramOf(many(400)), week)).toMatchObject({ isRegression: true, requests: 100 });
  expect(judge(route, histogramOf(many(210)), week).isRegression).toBe(false);
  expect(judge(route, histogramOf(many(100)), week).isRegression).toBe(false);
  expect(judge(route, histogramOf(many(400, 20)), week).isRegression).toBe(false);
  expect(judge(route, histogramOf(many(400)), histogramOf(many(200, 20))).isRegression).toBe(false);
  // Twice as slow, but too fast for anyone to notice.
  expect(judge(route, histogramOf(many(20)), histogramOf(many(10, 700))).isRegression).toBe(false);
  expect(judge(route, histogramOf(many(400)), new Map())).toMatchObject({ isRegression: false, weekP95: null });
});
