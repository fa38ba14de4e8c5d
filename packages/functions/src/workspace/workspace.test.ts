import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createId } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import { CourseImport } from "@lectern/core/learn/course-import";
import { aSchool, asSystem, asUser } from "@lectern/tenants/testing";
import { afterAll, expect, test } from "vitest";
import { buildWorkspace } from "../../../../scripts/build-workspace.ts";
import { zipBytes } from "../../../core/src/content/testing/zip-bytes.ts";
import { workspace } from "./app.ts";

const digest = createHash("sha256").update(randomBytes(20)).digest("hex");
const folder = mkdtempSync(path.join(tmpdir(), "lectern-drive-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a task without its drive is unhealthy", async () => {
  const ok = await workspace({ drive: folder }).app.request("/health");
  expect([ok.status, await ok.json()]).toEqual([200, expect.objectContaining({ status: "ok", drive: "ok" })]);
  const gone = await workspace({ drive: path.join(folder, "file\0") }).app.request("/health");
  expect([gone.status, await gone.json()]).toEqual([503, expect.objectContaining({ drive: "down" })]);
});

test("requests that bypass the edge are refused, and other addresses are not found", async () => {
  const { app } = workspace({ drive: folder });
  expect((await app.request("/api/v1/imports")).status).toBe(403);
  expect((await app.request("/api/v1/imports", { headers: { "x-lectern-edge": "guess" } })).status).toBe(403);
  expect((await app.request("/api/v1/courses")).status).toBe(404);
});

// The image contains one file and no node_modules, so the bundle must run alone and end on SIGTERM.
test("the bundle of the image serves and ends on SIGTERM", { timeout: 60_000 }, async () => {
  const outfile = path.join(folder, "server.mjs");
  await buildWorkspace(outfile);
  const port = await freePort();
  const child = spawn(process.execPath, [outfile], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      PORT: String(port),
      LECTERN_DRIVE: folder,
      SST_RESOURCES_JSON: JSON.stringify({ App: { name: "lectern", stage: "test" }, Edge: { accepted: [digest] } }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  try {
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${port}/health`).then(
            (r) => r.status,
            () => output,
          ),
        { timeout: 20_000 },
      )
      .toBe(200);
    const refused = await fetch(`http://127.0.0.1:${port}/api/v1/imports`);
    expect(refused.status).toBe(403);
  } finally {
    child.kill("SIGTERM");
  }
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});

// A school's task runs the same program with other arguments and its scratch on the school's folder.
test("the bundle of the image processes one import and ends", { timeout: 180_000 }, async () => {
  const outfile = path.join(folder, "job.mjs");
  await buildWorkspace(outfile);
  const scratch = await mkdtemp(path.join(folder, "scratch-"));
  const school = await aSchool();
  const importId = createId("import");
  await asUser(school, { roles: ["instructor"] }, async () => {
    const key = Storage.key("import", importId, "knots.zip");
    const body = zipBytes([{ name: "README.md", content: "# Knots\n\nHow to tie them." }]);
    await Storage.put({ bucket: "packages", key, body, contentType: "application/octet-stream" });
    await CourseImport.start({ importId });
  });
  const child = spawn(process.execPath, [outfile, "import", school.schoolId, importId], {
    cwd: folder,
    env: { ...process.env, TMPDIR: scratch },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => (said += chunk));
  const [code] = await once(child, "exit");
  expect(code, said).toBe(0);
  const done = await asSystem(school, () => CourseImport.get({ importId }));
  expect(done).toMatchObject({ status: "done", title: "Knots" });
  expect(await readdir(scratch)).toEqual([]);
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
