import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ops } from "@lectern/core/house/ops";
import { startCloud } from "@lectern/local/cloud";
import { bundleProgram, type Program } from "@lectern/local/program";
import { Resource } from "sst";
import { afterAll, beforeAll, expect, test } from "vitest";

// Scripts depend on these outputs and exit codes. The tests start the program about 90 times, so they bundle it once.

const bin = join(dirname(fileURLToPath(import.meta.url)), "..", "bin", "lectern.mjs");
const preload = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "local", "bin", "preload.mjs");
const folder = mkdtempSync(join(tmpdir(), "lectern-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const dataDir = Resource.LocalCloud?.dataDir ?? "";
const slug = `cli-${Math.random().toString(36).slice(2, 10)}`;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  readonly json: any;
}

let program: Program;
beforeAll(async () => {
  program = await bundleProgram(join(dirname(fileURLToPath(import.meta.url)), "main.ts"));
});
afterAll(() => program.remove());

const typed = (...args: string[]): Promise<Ran> => run([bin, ...args]);

const lectern = (...args: string[]): Promise<Ran> =>
  run(["--import", preload, program.file, ...args], { ...program.env, LECTERN_LOG: "silent", NODE_NO_WARNINGS: "1" });

function run(words: readonly string[], more: Record<string, string> = {}): Promise<Ran> {
  const { SST_RESOURCES_JSON: _, ...env } = process.env;
  return new Promise((resolve) => {
    // CI environments enable colors through their names.
    const options = { env: { ...env, ...more, NO_COLOR: "1" }, timeout: 120_000 };
    execFile(process.execPath, words, options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : -1) : 0;
      let json: unknown;
      try {
        json = JSON.parse(stdout);
      } catch {
        json = undefined;
      }
      resolve({ code, stdout, stderr, json });
    });
  });
}
const here = ["--data-dir", dataDir];

test("a school is opened, listed, shown, suspended, resumed and deleted", async () => {
  const create = [
    "school",
    "create",
    "--slug",
    slug,
    "--name",
    "Command School",
    "--owner-email",
    "ada.lovelace@example.test",
  ];
  const made = await lectern("--json", ...here, ...create, "--owner-password", "a horse on the moon 7");
  expect(made.stderr).toBe("");
  expect(made.code).toBe(0);
  expect(made.json).toEqual({
    schoolId: expect.stringMatching(/^sch_/),
    slug,
    url: expect.stringContaining(`//${slug}.`),
    ms: expect.any(Number),
  });
  const listed = await typed("school", "list", "--json", ...here);
  expect(listed.json.find((school: { slug: string }) => school.slug === slug)).toMatchObject({
    name: "Command School",
    state: "active",
  });
  const shown = await lectern("school", "show", slug, ...here, "--json");
  expect(shown.json).toMatchObject({ schoolId: made.json.schoolId, state: "active" });
  const byOption = await lectern("school", "show", "--slug", slug, "--json", ...here);
  expect(byOption.json).toEqual(shown.json);
  expect((await lectern("school", "suspend", slug, "--reason", "a test", "--json", ...here)).json.state).toBe(
    "suspended",
  );
  expect((await lectern("school", "resume", slug, "--json", ...here)).json.state).toBe("active");
}, 60_000);

test("a school is dumped and restored, in place and beside it; a missing dump is reported", async () => {
  const at = ["--json", ...here];
  const of = `${slug}-d`;
  await lectern("school", "create", "--slug", of, "--name", "Dumped", "--owner-email", "ada@example.test", ...at);
  expect((await lectern("school", "restore", of, ...at)).json).toMatchObject({ code: "dump.not_found" });
  const leo = ["--school", of, "--email", "leo@example.test", "--name", "Leo Byron", "--role", "learner"];
  const { userId } = (await lectern("user", "create", ...leo, ...at)).json;
  const dumped = await lectern("school", "dump", of, ...at);
  expect((await lectern("user", "erase", "leo@example.test", "--school", of, ...at)).json).toEqual({ userId });
  expect((await lectern("user", "erase", "leo@example.test", "--school", of, ...at)).json).toMatchObject({
    code: "user.not_found",
  });
  expect((await lectern("user", "erase", "ada@example.test", "--school", of, ...at)).json).toMatchObject({
    code: "user.last_owner",
  });
  expect(dumped.json).toMatchObject({ folder: expect.stringMatching(/^sch_.*\/run_/), rows: expect.any(Number) });
  const restored = await lectern("school", "restore", of, ...at);
  expect(restored.code).toBe(0);
  expect(restored.json).toMatchObject({
    slug: of,
    folder: dumped.json.folder,
    before: expect.stringContaining("before-"),
  });
  expect((await lectern("school", "show", of, ...at)).json).toMatchObject({ state: "active" });
  const beside = await lectern("school", "restore", of, "--as", `${of}-2`, ...at);
  expect(beside.json).toMatchObject({ slug: `${of}-2`, rows: restored.json.rows });
  expect((await lectern("school", "restore", of, "--as", of, ...at)).json).toMatchObject({ code: "school.slug_taken" });
  expect((await lectern("school", "restore", of, "--from", "yesterday", ...at)).json).toMatchObject({
    code: "dump.which",
  });
  expect((await lectern("school", "restore", "nobody-is-here", ...at)).json).toMatchObject({
    code: "school.not_found",
  });
  // The dump holds two people; one was erased after the dump.
  expect((await lectern("school", "reindex", of, ...at)).json).toEqual({ schools: 1, people: 1 });
  expect((await lectern("user", "erase-again", "--school", of, ...at)).json).toEqual({ schools: 1, erased: [] });
  expect((await lectern("school", "move", of, "--cell", "nowhere", ...at)).json).toMatchObject({
    code: "cell.unknown",
  });
  expect((await lectern("school", "sweep", ...at)).json).toEqual({ erased: expect.any(Array) });
  for (const each of [of, `${of}-2`]) await lectern("school", "delete", each, ...at);
}, 240_000);

test("people, a course, an enrollment, a token and progress", async () => {
  const at = ["--school", slug, "--json", ...here];
  const learner = await lectern(
    "user",
    "create",
    "--email",
    "leo@example.test",
    "--name",
    "Leo George Byron",
    "--role",
    "student",
    "--password",
    "a horse on the moon 8",
    ...at,
  );
  expect([learner.code, learner.json]).toEqual([0, { userId: expect.stringMatching(/^usr_/) }]);
  const course = join(folder, "course");
  mkdirSync(course);
  writeFileSync(join(course, "1-first.md"), "# First\n\nSome text to read.\n");
  writeFileSync(join(course, "2-second.md"), "# Second\n\nMore text to read.\n");
  const imported = await lectern("course", "import", course, "--publish", ...at);
  expect(imported.stderr).toBe("");
  expect(imported.json).toMatchObject({ courseId: expect.stringMatching(/^crs_/), lessons: 2 });
  expect(Object.keys(imported.json)).toEqual([
    "courseId",
    "title",
    "modules",
    "lessons",
    "moved",
    "changed",
    "dropped",
  ]);
  const enrolled = await lectern("enroll", "--course", imported.json.courseId, "--email", "leo@example.test", ...at);
  expect([enrolled.code, enrolled.json.userId]).toEqual([0, learner.json.userId]);
  const progress = await lectern(
    "progress",
    "show",
    "--course",
    imported.json.courseId,
    "--email",
    "leo@example.test",
    ...at,
  );
  expect(progress.json).toMatchObject({ percent: 0, completed: false });
  expect(Object.keys(progress.json)).toEqual(["percent", "completed", "remaining"]);
  expect(progress.json.remaining.length).toBe(2);
  const token = await lectern("token", "create", "--email", "leo@example.test", ...at);
  expect(token.json).toEqual({ accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) });
  const bare = await lectern("token", "create", "--email", "leo@example.test", "--school", slug, ...here);
  expect(bare.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const inWords = await lectern(
    "progress",
    "show",
    "--school",
    slug,
    "--course",
    imported.json.courseId,
    "--email",
    "leo@example.test",
    ...here,
  );
  expect(inWords.stdout).toContain("2 lessons left");
}, 90_000);

test("a refusal is exit 1, with code and message on stdout in JSON, in words on stderr otherwise", async () => {
  const taken = ["school", "create", "--slug", slug, "--name", "Another", "--owner-email", "x@example.test"];
  const refused = await typed(...taken, "--json", ...here);
  expect(refused.code).toBe(1);
  expect(refused.json).toEqual({
    code: "school.slug_taken",
    message: expect.any(String),
    fields: { slug: expect.any(String) },
  });
  const inWords = await lectern(...taken, ...here);
  expect([inWords.code, inWords.stdout]).toEqual([1, ""]);
  expect(inWords.stderr).toContain("school.slug_taken");
  const nobody = await lectern(
    "progress",
    "show",
    "--school",
    "nowhere-at-all",
    "--course",
    "x",
    "--email",
    "x@y.z",
    "--json",
    ...here,
  );
  expect([nobody.code, nobody.json.code]).toEqual([1, "school.not_found"]);
  const missing = await lectern("course", "import", join(folder, "no-such-thing"), "--school", slug, "--json", ...here);
  expect([missing.code, missing.json.code]).toEqual([1, "package.not_found"]);
}, 60_000);

test("wrong usage is exit 2, as JSON where that was asked for", async () => {
  for (const args of [
    ["nonsense"],
    ["school"],
    ["school", "create", "--slug", "x"],
    ["school", "list", "--what"],
    ["school", "show"],
    ["migrate", "up", "--canary", "many"],
    ["user", "create", "--school", slug, "--email", "a@b.c", "--name", "A", "--role", "wizard"],
    ["school", "list", "--data-dir"],
  ]) {
    const json = await lectern(...args, "--json");
    expect([args, json.code, json.json?.code]).toEqual([args, 2, "cli.usage"]);
    expect(json.stdout.trim().endsWith("}")).toBe(true);
  }
  const inWords = await typed("school", "create", "--slug", "x");
  expect([inWords.code, inWords.stdout]).toEqual([2, ""]);
  expect(inWords.stderr).toContain("--name");
}, 60_000);

test("without a running local cloud it says so, and how to start one", async () => {
  const none = await lectern("school", "list", "--json", "--data-dir", join(folder, "empty"));
  expect([none.code, none.json.code]).toEqual([1, "cloud.not_running"]);
  expect(none.json.message).toContain("npm run dev");
  const stale = join(folder, "stale");
  mkdirSync(stale);
  writeFileSync(join(stale, "running.json"), JSON.stringify({ pid: 2 ** 22, url: "http://x", resources: {} }));
  expect((await lectern("school", "list", "--json", "--data-dir", stale)).json.code).toBe("cloud.not_running");
}, 30_000);

test("a bug is exit 3, and still one JSON document", async () => {
  const broken = join(folder, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, "running.json"), JSON.stringify({ pid: process.pid, url: "http://x", resources: {} }));
  const ran = await typed("school", "list", "--json", "--data-dir", broken);
  expect([ran.code, ran.json.code]).toEqual([3, "internal"]);
}, 30_000);

test("wrong usage names the help that says more", async () => {
  const said = async (...args: string[]) => (await lectern(...args)).stderr;
  expect(await said("school", "create")).toMatch(
    /Required option '--slug <slug>'[\s\S]*See lectern school create --help/,
  );
  expect(await said("school")).toMatch(/lectern school needs a command: [\s\S]*See lectern school --help/);
  expect(await said("frob")).toMatch(/Unknown command 'frob'\.[\s\S]*See lectern --help/);
}, 30_000);

test("help and version are answers", async () => {
  const help = await typed("--help");
  expect([help.code, help.stderr]).toEqual([0, ""]);
  expect(help.stdout).toContain("Examples:");
  expect((await lectern("school", "create", "--help")).stdout).toContain("--owner-email");
  expect((await lectern("--json", "--help")).json.help).toContain("Usage:");
  expect((await lectern("--version", "--json")).json).toEqual({ version: "0.1.0" });
}, 30_000);

test("migrations: what there is to do, and doing it", async () => {
  // Other tests make schools of the shared cloud drift, and `up` would report them.
  const own = await startCloud({ dataDir: join(folder, "migrations"), port: 0, site: false, worker: false });
  const at = ["--data-dir", own.dataDir];
  try {
    const owner = ["--owner-email", "owner@migrate.example", "--owner-password", "a pass phrase of its own"];
    expect((await lectern("school", "create", "--slug", "migrate", "--name", "Migrate", ...owner, ...at)).code).toBe(0);
    const status = await lectern("migrate", "status", "--json", ...at);
    expect(status.json).toMatchObject({ latest: expect.any(Number), cells: [{ schools: 1, behind: 0 }] });
    const dry = await lectern("migrate", "up", "--dry-run", "--canary", "2", "--json", ...at);
    expect([dry.code, dry.json.dryRun]).toEqual([0, true]);
    const up = await lectern("migrate", "up", "--json", ...at);
    expect([up.code, up.json.state]).toEqual([0, "done"]);
  } finally {
    await own.stop();
  }
}, 120_000);

test("cells are listed, opened and closed; an unknown one is reported", async () => {
  const list = async () => (await lectern("cell", "list", "--json", ...here)).json;
  const cells = await list();
  const [cell] = cells;
  expect(cell).toMatchObject({ id: expect.any(String), state: "open", max: expect.any(Number) });
  expect((await lectern("cell", "list", ...here)).stdout).toContain(cell.id);
  const told = await lectern("cell", "state", cell.id, cell.state, "--json", ...here);
  expect([told.code, told.json]).toEqual([0, expect.objectContaining({ id: cell.id, state: cell.state })]);
  const unknown = await lectern("cell", "state", "nowhere", "full", "--json", ...here);
  expect([unknown.code, unknown.json]).toMatchObject([1, { code: "cell.unknown" }]);
  const wrong = await lectern("cell", "state", cell.id, "closed", "--json", ...here);
  expect([wrong.code, wrong.json.message]).toEqual([2, expect.stringContaining("open, full, draining")]);
}, 60_000);

test("operators read error groups and response times", async () => {
  const type = `Planted${slug.slice(4)}Error`;
  const err = { type, message: "row 7 is odd", stack: "" };
  const time = new Date().toISOString();
  const line = { level: "error", time, release: "r7", endpoint: "GET /planted", err, msg: "page failed" };
  const measured = { _aws: { Timestamp: Date.now() }, endpoint: "GET /planted", ResponseTime: [10, 20, 900] };
  await Ops.gather([JSON.stringify(line), JSON.stringify(line), JSON.stringify(measured)]);
  const errors = await lectern("ops", "errors", "--limit", "1000", "--json", ...here);
  expect([errors.code, errors.stderr]).toEqual([0, ""]);
  expect(errors.json.find((group: { type: string }) => group.type === type)).toMatchObject({
    message: "row <n> is odd",
    count: 2,
    severity: "error",
    lastRelease: "r7",
    schoolIds: [],
  });
  expect((await lectern("ops", "errors", "--limit", "1000", ...here)).stdout).toContain(type);
  const times = await lectern("ops", "performance", "--today", "--json", ...here);
  const route = times.json.routes.find(({ endpoint }: { endpoint: string }) => endpoint === "GET /planted");
  expect(route).toMatchObject({ requests: 3, isRegression: false });
  expect(Math.abs(route.p95 - 900)).toBeLessThan(50);
  expect((await lectern("ops", "performance", ...here)).code).toBe(0);
  expect((await lectern("ops", "errors", "--limit", "none", "--json", ...here)).json.code).toBe("cli.usage");
}, 60_000);

test("the doctor answers whether or not anything runs", async () => {
  const ran = await typed("doctor", "--json", "--data-dir", join(folder, "doctor"));
  expect(ran.json.checks[0]).toMatchObject({ check: expect.any(String), ok: expect.any(Boolean) });
  expect(ran.code).toBe(ran.json.ok ? 0 : 1);
}, 60_000);

test("the check finds a planted fault and refuses an unknown route", async () => {
  const unknown = await lectern("check", "isolation", "--plant", "GET /nothing", "--json", ...here);
  expect([unknown.code, unknown.json.code]).toEqual([1, "route.unknown"]);
}, 120_000);

test("a deleted school is gone", async () => {
  expect((await lectern("school", "delete", slug, "--json", ...here)).code).toBe(0);
  const gone = await lectern("school", "show", slug, "--json", ...here);
  expect([gone.code, gone.json.code]).toEqual([1, "school.not_found"]);
}, 60_000);
