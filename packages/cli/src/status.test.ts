import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Internal } from "@lectern/core/kernel/internal";
import { Api } from "@lectern/functions/api";
import { bundleProgram, type Program } from "@lectern/local/program";
import { aSchool } from "@lectern/tenants/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

// Runs `lectern school status` against an API after one key rotation.

const keyNamed = (id: string) => ({ id, secret: randomBytes(32).toString("base64url") });
const [current, previous, foreign] = [keyNamed("second"), keyNamed("first"), keyNamed("second")];

let server: Server;
let program: Program;
/** The stage's values; the command gets the same ones by default. */
let stage: { App: { stage: string }; Platform: object; Secrets: { values: Record<string, string> } };
beforeAll(async () => {
  program = await bundleProgram(join(import.meta.dirname, "main.ts"));
  server = createServer(async (request, response) => {
    const { host = "", [Internal.header]: signature = "" } = request.headers;
    const headers = { host, [Internal.header]: String(signature) };
    const answer = await Api.app().fetch(new Request(`http://${host}${request.url}`, { headers }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stage = JSON.parse(process.env.SST_RESOURCES_JSON ?? "{}");
  stage.Platform = { domain: `localhost:${(server.address() as AddressInfo).port}`, protocol: "http" };
  stage.Secrets.values.InternalKeys = JSON.stringify({ current, previous });
  process.env.SST_RESOURCES_JSON = JSON.stringify(stage);
});
afterAll(async () => {
  server.close();
  await program.remove();
});

interface Ran {
  readonly code: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  readonly json: any;
}

/** Runs the command in an environment that is linked to the stage, with these keys. */
function status(args: readonly string[], keys: unknown = { current }): Promise<Ran> {
  const resources = structuredClone(stage);
  resources.Secrets.values.InternalKeys = JSON.stringify(keys);
  const env = { ...process.env, ...program.env, LECTERN_LOG: "silent", SST_RESOURCES_JSON: JSON.stringify(resources) };
  const preload = join(import.meta.dirname, "..", "..", "local", "bin", "preload.mjs");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", preload, program.file, "school", "status", ...args, "--json"],
      { env, timeout: 60_000 },
      (error, stdout) => resolve({ code: error ? Number(error.code) : 0, json: JSON.parse(stdout) }),
    );
  });
}

test("the running stage says what it knows of a school", async () => {
  const { slug, schoolId, schema, cell, epoch } = await aSchool({ name: "Harbour School" });
  const { code, json } = await status([slug]);
  expect(code).toBe(0);
  expect(json).toMatchObject({ ...{ slug, schoolId, schema, cell, epoch }, name: "Harbour School", state: "active" });
  expect(json).toMatchObject({ hosts: [`${slug}.localhost`], isCurrent: true, stage: "local", lastError: null });
  expect(json.version).toBeGreaterThan(0);
});

test("the previous key is accepted until the next rotation; another key is refused", async () => {
  const { slug } = await aSchool();
  expect((await status([slug], { current: previous })).code).toBe(0);
  expect(await status([slug], { current: foreign })).toMatchObject({ code: 1, json: { code: "stage.signature" } });
});

test("an unknown school, another stage, a stage that does not answer", async () => {
  expect(await status(["no-such-school"])).toMatchObject({ code: 1, json: { code: "school.not_found" } });
  expect(await status(["harbour", "--stage", "production"])).toMatchObject({ code: 1, json: { code: "stage.other" } });
  const { Platform } = stage;
  stage.Platform = { domain: "localhost:1", protocol: "http" };
  expect(await status(["harbour"])).toMatchObject({ code: 1, json: { code: "stage.away" } });
  stage.Platform = Platform;
});
