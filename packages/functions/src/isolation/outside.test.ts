import { expect, test } from "vitest";
import { Api } from "../api/index.ts";
import { outside } from "./outside.ts";

test("every address of the API is called by the matrix, or named with a reason why not", () => {
  const called = new Set(
    Api.endpoints.map(
      ({ method, path }) => `${method.toUpperCase()} ${Api.basePath}${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
    ),
  );
  const others = Api.app()
    .routes.filter(({ method }) => method !== "ALL" && method !== "OPTIONS")
    .map(({ method, path }) => `${method} ${path}`)
    .filter((name) => !called.has(name));
  expect([...new Set(others)].sort()).toEqual(Object.keys(outside).sort());
});
