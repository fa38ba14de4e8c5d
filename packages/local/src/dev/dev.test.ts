import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSettings } from "../cloud/state.ts";
import { tempDir } from "../testing/index.ts";
import { banner } from "./banner.ts";
import { expect as expectDemo, recall, remember, takeExpected } from "./demo.ts";
import { parseOptions } from "./options.ts";
import { reset } from "./reset.ts";

let dir: ReturnType<typeof tempDir>;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => dir.remove());

test("options are read as people write them, and unknown ones are refused with the list", () => {
  expect(parseOptions(["--port=0", "--data-dir", "/tmp/x", "--ready-file", "/tmp/r", "--seed"])).toEqual({
    port: 0,
    dataDir: "/tmp/x",
    isDefaultDir: false,
    readyFile: "/tmp/r",
    reset: false,
    seed: true,
    hot: false,
  });
  expect(parseOptions([])).toMatchObject({ isDefaultDir: true });
  expect(parseOptions(["--help"])).toBeUndefined();
  expect(() => parseOptions(["--prot", "1"])).toThrow(/--prot[\s\S]*--ready-file/);
  expect(() => parseOptions(["--port", "many"])).toThrow(/--port takes a number/);
  expect(() => parseOptions(["--port", "70000"])).toThrow(/--port takes a number/);
});

test("--reset empties a data directory of what is ours, and leaves every other folder alone", () => {
  mkdirSync(join(dir.path, "logs"));
  writeFileSync(join(dir.path, "thesis.txt"), "years of work");
  reset(dir.path);
  writeFileSync(join(dir.path, "settings.json"), '{"editor":"settings of something else"}');
  reset(dir.path);
  expect(readdirSync(dir.path).sort()).toEqual(["logs", "settings.json", "thesis.txt"]);

  readSettings(dir.path);
  mkdirSync(join(dir.path, "postgres"));
  reset(dir.path);
  expect(readdirSync(dir.path)).toEqual(["thesis.txt"]);
});

test("a demo is remembered, with addresses on the port of today", () => {
  const logins = [{ email: "owner@harbour.example", password: "secret", role: "owner" }];
  remember(dir.path, "seedFull", [{ slug: "harbour", url: "http://harbour.localhost:3000", logins }]);
  const known = recall(dir.path, 4000);
  expect(known).toEqual({
    kind: "seedFull",
    schools: [{ slug: "harbour", url: "http://harbour.localhost:4000", logins }],
  });
  const urls = { url: "u", apiUrl: "a", mailUrl: "m", dnsUrl: "d/dns", operatorToken: "t-o-k" };
  const text = banner({ ...urls, schools: known?.schools ?? [], seconds: 1 });
  expect(text).toMatch(/Local DNS +d\/dns\n +Operations +u\/operator\n +token +t-o-k\n/);
  expect(text).toContain("owner@harbour.example");
  expect(text).toContain("http://harbour.localhost:4000");
});

test("a demo that a first start owes is built once, by the next start", () => {
  expectDemo(dir.path);
  expect(recall(dir.path, 3000)).toBeUndefined();
  expect([takeExpected(dir.path), takeExpected(dir.path)]).toEqual([true, false]);
});
