import { argon2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { Password } from "./password.ts";

test("a password is hashed with OWASP's Argon2id figures and recognised again", async () => {
  const hash = await Password.hash("four plain unrelated words");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await Password.verify("four plain unrelated words", hash)).toBe(true);
  expect(await Password.verify("four plain unrelated word", hash)).toBe(false);
  expect(Password.isOutdated(hash)).toBe(false);
});

test("the same letters typed on two keyboards are the same password", async () => {
  const hash = await Password.hash("caf\u00e9 am Z\u00fcrichsee");
  expect(await Password.verify("cafe\u0301 am Zu\u0308richsee", hash)).toBe(true);
});

test("a hash with older parameters is still good, and known to be outdated", async () => {
  const nonce = Buffer.alloc(16, 3);
  const tag = argon2Sync("argon2id", {
    message: "an older password",
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: 8192,
    passes: 3,
  });
  const text = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
  const old = `$argon2id$v=19$m=8192,t=3,p=1$${text(nonce)}$${text(tag)}`;
  expect(await Password.verify("an older password", old)).toBe(true);
  expect(Password.isOutdated(old)).toBe(true);
});

test("without an account the answer is no", async () => {
  expect(await Password.verify("whatever it may be", undefined)).toBe(false);
  expect(await Password.verify("whatever it may be", null)).toBe(false);
  expect(await Password.verify("whatever it may be", "not a hash")).toBe(false);
});

test.each([
  ["short", "password.too_short"],
  ["x".repeat(129).replace(/x/g, (_, i) => String.fromCodePoint(97 + ((i * 7) % 26))), "password.too_long"],
  ["qwertyuiop123", "password.common"],
  ["Sunshine2024!", "password.common"],
  ["aaaaaaaaaaaa", "password.pattern"],
  ["abcdabcdabcd", "password.pattern"],
  ["1234567890123456", "password.pattern"],
  ["ada.lovelace@x", "password.personal"],
])("%s is refused as %s", (password, code) => {
  expect(Password.refusalOf(password, ["ada.lovelace"])?.code).toBe(code);
});

test.each([
  "correct horse battery staple",
  "ünïcødé — 密码 🔑 x",
  "un petit café, s'il vous plaît",
  "Tr0ub4dor&3-and-more",
])("%s is taken", (password) => {
  expect(Password.refusalOf(password, ["ada.lovelace"])).toBeUndefined();
});
