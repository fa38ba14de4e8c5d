import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../testing/index.ts";
import { doctor } from "./index.ts";

test("says what it found, and a cure for each thing that is wrong", async () => {
  const dir = tempDir();
  writeFileSync(join(dir.path, "lock"), JSON.stringify({ pid: process.pid, birth: "long ago" }));
  const findings = await doctor({ dataDir: dir.path });
  dir.remove();
  const by = new Map(findings.map((finding) => [finding.check, finding]));
  expect(by.get("Node 24")?.ok).toBe(true);
  expect(by.get("Postgres")?.message).toContain("17.10");
  expect(by.get("DynamoDB")?.message).toContain("dynoxide");
  expect(by.get("lock")?.message).toContain("the next start takes it over");
  for (const { ok, cure } of findings) expect(cure === "").toBe(ok);
});
