import { expect, test } from "vitest";
import { placeOf, slowPlaces } from "./place.ts";

test("an endpoint has its page's name, else that of the nearest area", () => {
  expect(placeOf("GET /")).toBe("Start page");
  expect(placeOf("GET /learn/:courseSlug/:lessonSlug")).toBe("Lesson");
  expect(placeOf("POST /learn/:courseSlug/:lessonSlug")).toBe("Lesson, sending a form");
  expect(placeOf("POST auth/token")).toBe("Signing in, sending a form");
  expect(placeOf("GET /admin/people/:userId")).toBe("Running the school");
  expect(placeOf("POST /api/v1/courses/{courseId}/publish")).toBe("API");
  expect(placeOf("GET /administrators")).toBeUndefined();
  expect(placeOf("consumer welcome")).toBeUndefined();
});

test("endpoints with the same name share a row with the mean of all their requests", () => {
  const [early, late] = ["2026-11-20T01:00:00.000Z", "2026-11-20T02:00:00.000Z"];
  expect(
    slowPlaces([
      { endpoint: "GET /admin/brand", count: 1, meanMs: 1000, lastSeen: late },
      { endpoint: "GET /search", count: 2, meanMs: 3000, lastSeen: early },
      { endpoint: "GET /admin/people", count: 3, meanMs: 2000, lastSeen: early },
    ]),
  ).toEqual([
    {
      ...{ place: "Running the school", endpoint: "GET /admin/brand, GET /admin/people" },
      ...{ count: 4, meanMs: 1750, lastSeen: late },
    },
    { place: "Search", endpoint: "GET /search", count: 2, meanMs: 3000, lastSeen: early },
  ]);
});
