import { describe, expect, test } from "vitest";
import { checkName, namedOf, unicodeOf } from "./name.ts";
import { wordsFor } from "./words.ts";

const verdict = (name: string) => {
  const found = checkName(name);
  return found.ok ? found.host : found.code;
};

describe("a domain", () => {
  test.each([
    ["learn.example.edu", "learn.example.edu"],
    ["  Learn.Example.EDU. ", "learn.example.edu"],
    ["example.edu", "example.edu"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["学校.jp", "xn--48s290a.jp"],
    ["школа.рф", "xn--80atdl2c.xn--p1ai"],
    ["a--b.example", "a--b.example"],
    ["learn。example。edu", "learn.example.edu"],
    ["learn.harbour.localhost", "learn.harbour.localhost"],
  ])("%s is stored as %s", (typed, host) => expect(verdict(typed)).toBe(host));

  test.each([
    ["https://learn.example.edu", "domain.address"],
    ["learn.example.edu/courses", "domain.address"],
    ["learn.example.edu:8080", "domain.address"],
    ["me@example.edu", "domain.address"],
    ["example.edu?x", "domain.address"],
    ["192.0.2.7", "domain.ip"],
    ["2001:db8::1", "domain.ip"],
    ["[2001:db8::1]", "domain.ip"],
    ["0x7f.1", "domain.not_a_name"],
    ["1.2.3", "domain.not_a_name"],
    ["*.example.edu", "domain.wildcard"],
    ["", "domain.not_a_name"],
    ["edu", "domain.not_a_name"],
    ["learn", "domain.not_a_name"],
    ["learn example.edu", "domain.not_a_name"],
    ["le_arn.example.edu", "domain.not_a_name"],
    ["-learn.example.edu", "domain.not_a_name"],
    ["learn..edu", "domain.not_a_name"],
    [".example.edu", "domain.not_a_name"],
    [`${"x".repeat(64)}.edu`, "domain.not_a_name"],
    [`${"x.".repeat(130)}edu`, "domain.not_a_name"],
    ["learn.example.123", "domain.not_a_name"],
    ["a\u0000b.example.edu", "domain.not_a_name"],
    ["localhost", "domain.not_a_name"],
    ["harbour.localhost", "domain.platform"],
    ["auth.localhost", "domain.platform"],
    ["0123.domains.localhost", "domain.platform"],
    ["school.local", "domain.special"],
    ["intranet.school.internal", "domain.special"],
    ["abcdefgh.onion", "domain.special"],
    ["lеarn.example.edu", "domain.lookalike"],
    ["ехample.edu", "domain.lookalike"],
    ["αcademy.example.edu", "domain.lookalike"],
  ])("%j is refused with %s", (typed, code) => expect(verdict(typed)).toBe(code));

  test("every refusal has a reason in words", () => {
    for (const typed of ["", "https://a.edu", "1.2.3.4", "*.a.edu", "a.local", "x.localhost", "lеarn.edu"]) {
      const found = checkName(typed);
      expect(found.ok ? "" : found.reason).toMatch(/^.{20,200}\.$/u);
    }
  });

  test("is shown in Unicode", () => {
    expect(unicodeOf("xn--bcher-kva.example")).toBe("bücher.example");
    expect(unicodeOf("learn.example.edu")).toBe("learn.example.edu");
    expect(namedOf("xn--bcher-kva.example")).toBe("bücher.example (xn--bcher-kva.example)");
    expect(namedOf("learn.example.edu")).toBe("learn.example.edu");
    const told = wordsFor("dns_elsewhere", "xn--bcher-kva.example", "xn--mnchen-3ya.example");
    expect(told).toMatch(/^bücher\.example \(xn--bcher-kva\.example\) leads to another place \(münchen\.example \(/);
    expect(checkName("bücher.local")).toMatchObject({
      reason: expect.stringMatching(/^bücher\.local \(xn--bcher-kva\.local\) cannot/),
    });
  });
});
