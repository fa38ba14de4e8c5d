import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = dirname(import.meta.dirname);
// In the tree, because the script reads the tables of packages/core from the folder above it.
const copy = mkdtempSync(join(root, ".migrations-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const run = (...args: string[]): string =>
  execFileSync(process.execPath, ["--import", "tsx", join(copy, "new.ts"), ...args], { cwd: root, encoding: "utf8" });
const sqlFiles = (): string[] => readdirSync(join(copy, "school")).filter((file) => file.endsWith(".sql"));
const idsOf = (version: number): { id: string; prevId: string } =>
  JSON.parse(readFileSync(join(copy, "school", "meta", `${String(version).padStart(4, "0")}.json`), "utf8"));

test("a migration whose number another took first gets the next one", {
  timeout: 300_000,
}, () => {
  cpSync(join(root, "migrations"), copy, { recursive: true });
  const before = sqlFiles();
  const last = before.length;
  const text = 'ALTER TABLE "user" ADD COLUMN "nickname" text;\n';
  writeFileSync(join(copy, "school", `${String(last).padStart(4, "0")}_nickname.sql`), text);
  run("nickname", "--rebase");
  const name = `${String(last + 1).padStart(4, "0")}_nickname.sql`;
  expect(sqlFiles()).toEqual([...before, name]);
  expect(readFileSync(join(copy, "school", name), "utf8")).toBe(text);
  expect(idsOf(last + 1).prevId).toBe(idsOf(last).id);
});
