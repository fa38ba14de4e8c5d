import { expect, test } from "vitest";
import { placeOf } from "./place.ts";

test("an endpoint is called what people call the page; the nearest area stands in for what has no name", () => {
  expect(placeOf("GET /")).toBe("Start page");
  expect(placeOf("GET /learn/:courseSlug/:lessonSlug")).toBe("Lesson");
  expect(placeOf("POST /learn/:courseSlug/:lessonSlug")).toBe("Lesson, sending a form");
  expect(placeOf("POST auth/token")).toBe("Signing in, sending a form");
  expect(placeOf("GET /admin/people/:userId")).toBe("Running the school");
  expect(placeOf("POST /api/v1/courses/{courseId}/publish")).toBe("API");
  expect(placeOf("GET /administrators")).toBeUndefined();
  expect(placeOf("consumer welcome")).toBeUndefined();
});
