import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalEmail, Email, shownEmail } from "./index.ts";

const read = (typed: string) => Email.safeParse(typed).data;

test.each([
  ["user@münchen.example", "user@xn--mnchen-3ya.example"],
  ["user@MÜNCHEN.example", "user@xn--mnchen-3ya.example"],
  ["user@mu\u0308nchen.example", "user@xn--mnchen-3ya.example"],
  ["user@xn--mnchen-3ya.example", "user@xn--mnchen-3ya.example"],
  ["user@почта.рф", "user@xn--80a1acny.xn--p1ai"],
  ["user@xn--80a1acny.xn--p1ai", "user@xn--80a1acny.xn--p1ai"],
  ["user@例え。テスト", "user@xn--r8jz45g.xn--zckzah"],
  [" Capital@School.Example ", "capital@school.example"],
])("%s is the account %s", (typed, account) => {
  expect(read(typed)).toBe(account);
  expect(canonicalEmail(typed)).toBe(account);
});

test.each([..."!#$%&'*+-/=?^_`{|}~"].map((sign) => `a${sign}b`))("the local part %s is accepted", (local) => {
  expect(read(`${local}@school.example`)).toBe(`${local}@school.example`);
  expect(read(`${local}.x@school.example`)).toBe(`${local}.x@school.example`);
});

test.each([
  [
    "",
    "@school.example",
    "a",
    "a@",
    "a@b",
    "a@-b.example",
    "a@b-.example",
    "a@b..example",
    "a@.example",
    "a@b.example.",
  ],
  [
    "a..b@c.example",
    ".a@c.example",
    "a.@c.example",
    "a b@c.example",
    "a@b c.example",
    '"a b"@c.example',
    "a@[192.0.2.1]",
  ],
  ["a@192.0.2.1", "a@b.123", "a@b.example:25", "a@b.example/x", "a@b%2eexample", "a\0@b.example", "a@b_c.example"],
  [`${"a".repeat(65)}@b.example`, `a@${"b".repeat(64)}.example`, `a@${"b.".repeat(130)}example`, "a,b@c.example"],
  ["jörg@school.example", "почта@school.example"],
])("no address: %s and others", (...typed) => {
  expect(typed.filter((text) => read(text) !== undefined)).toEqual([]);
});

test("an accent before the @ is named as the reason", () => {
  expect(Email.safeParse("jörg@school.example").error?.issues[0]?.message).toMatch(/without accents/);
  expect(Email.safeParse("nothing").error?.issues[0]?.message).toBe("That is not an e-mail address.");
});

test("reading the form that is kept, or the one that is shown, gives the form that is kept", () => {
  const local = fc.stringMatching(/^[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}$/);
  const label = fc.string({ unit: fc.constantFrom(..."abcüßéпочта学校テ-"), minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(local, label, fc.constantFrom("example", "рф", "みんな"), (name, part, top) => {
      const account = read(`${name}@${part}.${top}`);
      if (account === undefined) return;
      expect(account).toMatch(/^[\x21-\x7e]+$/);
      expect(read(account)).toBe(account);
      expect(read(shownEmail(account))).toBe(account);
    }),
  );
});

// Stored addresses from the previous parser already have the same form.
test("an address that was accepted before is the same account as before", () => {
  const before = /^(?!\.)(?!.*\.\.)([a-z0-9_'+\-.]*)[a-z0-9_+-]@([a-z0-9][a-z0-9-]*\.)+[a-z]{2,}$/;
  const address = fc.stringMatching(
    /^[a-z0-9_'+.-]{0,9}[a-z0-9_+-]@([a-z0-9][a-z0-9-]{0,5}[a-z0-9]\.){1,3}[a-z]{2,6}$/,
  );
  fc.assert(
    fc.property(address, (text) => {
      if (before.test(text)) expect(read(text)).toBe(text);
    }),
  );
});

test("the Unicode form is shown", () => {
  expect(shownEmail("user@xn--mnchen-3ya.example")).toBe("user@münchen.example");
  expect(shownEmail("ada@school.example")).toBe("ada@school.example");
  expect(shownEmail("a@xn--a.example")).toBe("a@xn--a.example");
});
