import fc from "fast-check";
import { expect, test } from "vitest";
import { malformed } from "./request-line.ts";

const statusOf = (method: string, url: string, host: string) => malformed({ method, url, headers: { host } })?.status;

test.each([
  ["GET", "/", "harbor.localhost:3000", undefined],
  ["GET", "/courses?q=%E0%A4%A", "LOCALHOST", undefined],
  ["POST", "//x", "[::1]:3000", undefined],
  ["GET", "/", "127.0.0.1:80", undefined],
  ["GET", "/", "a,b", 400],
  ["GET", "/", "a@b", 400],
  ["GET", "/", "a%00", 400],
  ["GET", "/", "a b", 400],
  ["GET", "/", "", 400],
  ["GET", "/", "a:99999", 400],
  ["GET", "/", "a/b", 400],
  ["GET", "/", "[@!", 400],
  ["GET", "/", "[::1", 400],
  ["GET", "http://evil.example/", "localhost", 400],
  ["GET", "*", "localhost", 400],
  ["OPTIONS", "*", "localhost", 400],
  ["TRACE", "/", "localhost", 405],
  ["CONNECT", "/", "localhost", 405],
  ["BREW", "/", "localhost", 405],
])("%s %s of host %s: %s", (method, url, host, status) => {
  expect(statusOf(method, url, host)).toBe(status);
});

test("an address longer than 8 KB is refused", () => {
  expect(statusOf("GET", `/${"a".repeat(9_000)}`, "localhost")).toBe(414);
});

test("whatever is let in can be carried by a Request, without a name before its host", () => {
  const piece = fc.constantFrom(
    "a",
    ".",
    "-",
    ":",
    "80",
    ",",
    "@",
    "%00",
    "[",
    "]",
    "::1",
    "/",
    "\\",
    "?",
    "#",
    "é",
    " ",
    "\t",
    "_",
  );
  const host = fc.oneof(
    fc.array(piece, { maxLength: 6 }).map((all) => all.join("")),
    fc.string(),
  );
  const target = fc.oneof(
    fc.webPath(),
    fc.array(piece, { maxLength: 8 }).map((all) => `/${all.join("")}`),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.constantFrom("GET", "HEAD", "TRACE", "TRACK", "get", "X"), target, host, (method, url, given) => {
      const status = statusOf(method, url, given);
      if (status !== undefined) return void expect(status).toBeLessThan(500);
      const request = new Request(`http://${given}${url}`, { method });
      expect(new URL(request.url).username).toBe("");
    }),
    { numRuns: 2_000 },
  );
});
