import { expect, test } from "vitest";
import { below } from "../endpoint.ts";
import { endpoints } from "../endpoints.ts";
import * as courses from "./courses.ts";
import * as users from "./users.ts";

// The edge sends everything below the path to this function, so a missing operation would be unreachable.
test.each([
  ["/courses", courses.endpoints],
  ["/users", users.endpoints],
] as const)("the function of %s knows every operation below it", (path, own) => {
  const names = (of: typeof endpoints) => of.map(({ name }) => name).sort();
  expect(names(below(path, own.flat()))).toEqual(names(below(path, endpoints)));
  expect(names(below(path, endpoints)).length).toBeGreaterThan(0);
});
