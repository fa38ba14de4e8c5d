import { describe, expect, test } from "vitest";
import { requireSameOrigin } from "./csrf.server.ts";
import { cookieOf, localPath, stateOf } from "./request.server.ts";

const request = (headers: Record<string, string>) =>
  new Request("http://a.localhost:3000/x", { method: "POST", headers });

describe("coming back after signing in", () => {
  test.each(["/learn", "/courses?q=a%20b", "/learn/a/b#end"])("%s is a path of ours", (path) => {
    expect(localPath(path)).toBe(path);
  });

  // An open redirect would let a mail with our address lead to somebody else's page.
  test.each(["//evil.example", "https://evil.example", "/\\evil.example", "/\tevil", "javascript:alert(1)", "", null])(
    "%s leads to the start page instead",
    (path) => {
      expect(localPath(path)).toBe("/");
    },
  );
});

describe("a form of another site", () => {
  test("is refused by its origin or by what the browser says of it", () => {
    const host = { host: "a.localhost:3000" };
    expect(() => requireSameOrigin(request({ ...host, origin: "http://b.localhost:3000" }))).toThrow();
    expect(() => requireSameOrigin(request({ ...host, origin: "null" }))).toThrow();
    expect(() => requireSameOrigin(request({ ...host, "sec-fetch-site": "same-site" }))).toThrow();
  });

  test("is told from our own", () => {
    const host = { host: "a.localhost:3000" };
    expect(() => requireSameOrigin(request({ ...host, origin: "http://a.localhost:3000" }))).not.toThrow();
    expect(() =>
      requireSameOrigin(request({ "x-forwarded-host": "school.example", origin: "https://school.example" })),
    ).not.toThrow();
  });
});

test("a cookie that is not decodable is no cookie", () => {
  expect(cookieOf(request({ cookie: "theme=dark; flash=%E0%A4%A" }), "flash")).toBeUndefined();
  expect(cookieOf(request({ cookie: "theme=dark; flash=%E0%A4%A" }), "theme")).toBe("dark");
});

test("all loaders of one request share its state, two requests do not", () => {
  const context = {};
  const first = stateOf({ request: request({}), context });
  expect(stateOf({ request: request({}), context })).toBe(first);
  const other = stateOf({ request: request({}), context: {} });
  expect(other.requestId).not.toBe(first.requestId);
  expect(other.nonce).not.toBe(first.nonce);
});
