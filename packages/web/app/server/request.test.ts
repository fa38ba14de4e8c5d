import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requireSameOrigin } from "./csrf.server.ts";
import { cookieOf, localPath, stateOf } from "./request.server.ts";

const request = (headers: Record<string, string>) =>
  new Request("http://a.localhost:3000/x", { method: "POST", headers });

describe("coming back after signing in", () => {
  test.each(["/learn", "/courses?q=a%20b", "/learn/a/b#end"])("%s is a local path", (path) => {
    expect(localPath(path)).toBe(path);
  });

  // With an open redirect, a mail that shows our address could lead to an attacker's page.
  test.each([
    "/.//evil.example/x",
    "/..//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "/\tevil",
    "javascript:alert(1)",
    "",
    null,
  ])("%s leads to the start page instead", (path) => {
    expect(localPath(path)).toBe("/");
  });
});

// A browser resolves the address against the page with the same normalization as `URL`.
test("no address leads to another site", () => {
  const piece = fc.constantFrom(
    ...["/", "//", ".", "..", "%2e", "%2E%2e", "%2f", "%5c", "\\", "\t", "\n", "\r", "\0", "\x1f", "\u00a0", "\u2028"],
    ...["@", ":", "?", "#", ";", "evil.example", "http:", "https://", "javascript:", "a", "[", "]", "%", " "],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((all) => all.join("")),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (rest) => {
      for (const given of [rest, `/${rest}`]) {
        const target = localPath(given);
        expect(new URL(target, "https://harbor.example/a/b").origin).toBe("https://harbor.example");
        expect(localPath(target)).toBe(target);
      }
    }),
    { numRuns: 5_000 },
  );
});

describe("a form of another site", () => {
  test("is refused by Origin or by Sec-Fetch-Site", () => {
    const host = { host: "a.localhost:3000" };
    expect(() => requireSameOrigin(request({ ...host, origin: "http://b.localhost:3000" }))).toThrow();
    expect(() => requireSameOrigin(request({ ...host, origin: "null" }))).toThrow();
    expect(() => requireSameOrigin(request({ ...host, "sec-fetch-site": "same-site" }))).toThrow();
  });

  test("does not stop same-site forms", () => {
    const host = { host: "a.localhost:3000" };
    expect(() => requireSameOrigin(request({ ...host, origin: "http://a.localhost:3000" }))).not.toThrow();
    expect(() =>
      requireSameOrigin(request({ "x-forwarded-host": "school.example", origin: "https://school.example" })),
    ).not.toThrow();
  });
});

test("a cookie that cannot be decoded is ignored", () => {
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
