import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { registry } from "./notifications.ts";

const root = path.join(import.meta.dirname, "../../../..");
const sources = globSync("packages/{core,tenants,functions}/src/**/*.ts", { cwd: root });
const files = sources.filter((file) => file.endsWith(".notification.ts"));

test.each(files)("every notification of %s is registered", async (file) => {
  const declared: Record<string, unknown> = await import(path.join(root, file));
  const missing = Object.entries(declared).filter(([, value]) => !registry.some((each) => each === value));
  expect(missing.map(([name]) => name)).toEqual([]);
  expect(Object.keys(declared).length).toBeGreaterThan(0);
});

test("a notification is declared in a *.notification.ts file, where this test finds it", () => {
  const elsewhere = sources.filter(
    (file) =>
      !/\.notification\.ts$|\.test\.ts$|notify\/define\.ts$/.test(file) &&
      readFileSync(path.join(root, file), "utf8").includes("defineNotification("),
  );
  expect(elsewhere).toEqual([]);
  expect(registry.map(({ name }) => name).sort()).toEqual([...new Set(registry.map(({ name }) => name))].sort());
});

test("mails that protect an account or were asked for are no news, so a complaint about news leaves them", () => {
  const account = registry.filter(({ category }) => category === "account").map(({ name }) => name);
  expect(account.sort()).toEqual([
    "confirm-email",
    "email-change-asked",
    "email-changed",
    "invitation",
    "owner-added",
    "password-changed",
    "reset-password",
    "school-opened",
    "session-ended",
    "sign-in-guessed",
    "sign-up-repeated",
    "verify-address",
    "welcome",
    "your-schools",
  ]);
});
