import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { Internal } from "@lectern/core/kernel/internal";
import { Audit } from "@lectern/core/people/audit";
import { Identity } from "@lectern/core/people/identity";
import { Api } from "@lectern/functions/api";
import { aSchool, asSystem, asUser } from "@lectern/tenants/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildOperator } from "../../../scripts/build-workspace.ts";

const links = ["DirectoryTable", "AuthTable", "MediaBucket", "PackagesBucket", "BackupsBucket", "SchoolRole", "Bus"];
const secrets = ["DatabaseProvisionerPassword", "FinderKey", "InternalKeys"];
const operator = "lectern-local-operator/ada";

const folder = mkdtempSync(`${tmpdir()}/lectern-operator-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const api = createServer(async (request, response) => {
  const { host = "", [Internal.header]: signature = "" } = request.headers;
  const headers = { host, [Internal.header]: String(signature) };
  const answer = await Api.app().fetch(new Request(`http://${host}${request.url}`, { headers }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
});
afterAll(() => void api.close());

let env: Record<string, string>;
beforeAll(async () => {
  await buildOperator(folder);
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const all = JSON.parse(process.env.SST_RESOURCES_JSON ?? "{}");
  all.Platform = { domain: `localhost:${(api.address() as AddressInfo).port}`, protocol: "http" };
  // The API of this process uses the same address.
  process.env.SST_RESOURCES_JSON = JSON.stringify(all);
  const told: Record<string, unknown> = {
    ...Object.fromEntries(["App", "LocalCloud", "Platform", ...links].map((name) => [name, all[name]])),
    Secrets: { values: Object.fromEntries(secrets.map((name) => [name, all.Secrets.values[name]])) },
  };
  env = {
    PATH: process.env.PATH ?? "",
    LECTERN_MIGRATIONS: `${folder}/migrations`,
    LECTERN_OPERATOR: operator,
    ...Object.fromEntries(Object.entries(told).map(([name, value]) => [`SST_RESOURCE_${name}`, JSON.stringify(value)])),
  };
});

interface Ran {
  readonly code: number;
  readonly said: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  readonly json: any;
}

const run = (words: readonly string[], more: Record<string, string> = {}): Promise<Ran> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: { NODE_ENV: "production", ...env, ...more }, timeout: 120_000 } as const;
    execFile(process.execPath, [`${folder}/operate.mjs`, ...words, "--json"], options, (error, stdout, stderr) => {
      const answer = stdout.replaceAll(/^\{"level":.*\n/gm, "");
      const json = answer.trim() ? JSON.parse(answer) : undefined;
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr, json });
    });
  });

test("names the operator, and refuses to run without one", async () => {
  const nobody = await run(["cell", "list"], { LECTERN_OPERATOR: "" });
  expect([nobody.code, nobody.json]).toEqual([1, undefined]);
  expect(nobody.said).toContain("LECTERN_OPERATOR");
  const { said } = await run(["cell", "list", "ada@example.test"]);
  expect(said).toContain(`"operator":"${operator}"`);
  expect(said.split("\n")[0]).not.toContain("@");
});

test("cells, a school's status, and nothing that a stage has no use for", async () => {
  const { slug } = await aSchool();
  const cells = await run(["cell", "list"]);
  expect(cells.said).toContain('"msg":"operator\'s command"');
  expect(cells.json.map(({ id }: { id: string }) => id)).toContain("local-1");
  expect((await run(["school", "status", slug])).json).toMatchObject({ slug, state: "active", isCurrent: true });
  for (const words of [
    ["school", "create"],
    ["user", "token"],
    ["user", "create"],
    ["check", "isolation"],
  ])
    expect(await run(words)).toMatchObject({ code: 2, json: { code: "cli.usage" } });
});

test("a school is dumped, restored beside itself and moved; a person is erased, and the trail says by whom", async () => {
  const school = await aSchool({ cell: "local-1" });
  const { slug } = school;
  const person = { email: "leo@example.test", givenName: "Leo", familyName: "Byron", roles: ["learner" as const] };
  const { id } = await asSystem(school, () => Identity.create(person));
  const dumped = await run(["school", "dump", slug]);
  expect(dumped.json, dumped.said).toMatchObject({ folder: expect.stringMatching(/^sch_.*\/run_/) });
  const beside = await run(["school", "restore", slug, "--as", `${slug}-2`]);
  expect(beside.json, beside.said).toMatchObject({ slug: `${slug}-2`, folder: dumped.json.folder });
  expect((await run(["school", "show", `${slug}-2`])).json).toMatchObject({ state: "active" });
  const erased = await run(["user", "erase", id, "--school", slug, "--yes"]);
  expect(erased.json, erased.said).toEqual({ userId: id });
  const moved = await run(["school", "move", slug, "--cell", "local-2"]);
  expect(moved.json, moved.said).toMatchObject({ from: "local-1", to: "local-2" });
  const { Directory } = await import("@lectern/core/kernel/directory");
  Directory.forget(school.schoolId);
  const there = await Directory.readSchool(school.schoolId);
  if (!there) throw new Error("the school is gone");
  const { items } = await asUser(there, { roles: ["owner"] }, () => Audit.list({}));
  const by = (action: string) => items.find((each) => each.action === action)?.actor.id;
  expect(by("user.erased")).toBe(`lectern command line, by ${operator}`);
  expect(by("school.moved")).toBe(`school.restore, by ${operator}`);
  for (const each of [slug, `${slug}-2`])
    expect(await run(["school", "delete", each, "--yes"])).toMatchObject({ code: 0, json: { state: "deleted" } });
}, 180_000);
