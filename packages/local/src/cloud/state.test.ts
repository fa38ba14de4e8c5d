import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tempDir } from "../testing/index.ts";
import { lock, openDataDir, readSettings } from "./state.ts";

let dir: ReturnType<typeof tempDir>;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

test("a data directory in use is refused with the process that uses it", () => {
  const unlock = lock(dir.path);
  expect(() => lock(dir.path)).toThrow(new RegExp(`running already.*process ${process.pid}.*--data-dir`));
  unlock();
  lock(dir.path)();
});

test("a lock that a dead process left is taken over, also when its id belongs to another one by now", () => {
  for (const stale of [JSON.stringify({ pid: process.pid, birth: "long ago" }), '{"pid":', "", "{}"]) {
    writeFileSync(join(dir.path, "lock"), stale);
    lock(dir.path)();
  }
});

test("a data directory that cannot be one is refused with what to do", () => {
  const file = join(dir.path, "file");
  writeFileSync(file, "");
  expect(() => openDataDir(file)).toThrow(/not a folder.*--data-dir/);
});

test.skipIf(process.getuid?.() === 0)("a data directory that may not be written is refused with what to do", () => {
  const locked = join(dir.path, "locked");
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  expect(() => openDataDir(locked)).toThrow(/may not be written.*--data-dir/);
});

test("only its owner may read a data directory, even one that existed before", () => {
  const open = join(dir.path, "open");
  mkdirSync(join(open, "logs"), { recursive: true });
  for (const path of [open, join(open, "logs")]) chmodSync(path, 0o755);
  openDataDir(open);
  expect(statSync(open).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o711 : 0o700);
  expect(statSync(join(open, "logs")).mode & 0o777).toBe(0o700);
});

test("secrets are made once, each its own", () => {
  const { secrets } = readSettings(dir.path);
  expect(new Set(Object.values(secrets)).size).toBe(Object.values(secrets).length);
  expect(readSettings(dir.path).secrets).toEqual(secrets);
});
