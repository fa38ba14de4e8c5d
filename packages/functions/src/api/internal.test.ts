import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Route } from "@lectern/core/kernel/actor";
import { Internal } from "@lectern/core/kernel/internal";
import { aSchool } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Api } from "./index.ts";
import { internalPath } from "./internal.ts";

// The key has been rotated once: both keys are valid. Set before anything reads `Resource`.
const current = { id: "second", secret: randomBytes(32).toString("base64url") };
const previous = { id: "first", secret: randomBytes(32).toString("base64url") };
const stage = JSON.parse(process.env.SST_RESOURCES_JSON ?? "{}");
stage.Secrets.values.InternalKeys = JSON.stringify({ current, previous });
process.env.SST_RESOURCES_JSON = JSON.stringify(stage);

let school: Route;
let path: string;
beforeAll(async () => {
  school = await aSchool();
  path = `${internalPath}/schools/${school.schoolId}`;
});
afterEach(() => {
  vi.useRealTimers();
});

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signature?: string | undefined;
  readonly host?: string;
  readonly headers?: [string, string][];
}

async function ask(of: Ask): Promise<number> {
  const { method = "GET", host = Resource.Platform.domain, signature, body } = of;
  const headers = new Headers([["host", host], ...(of.headers ?? [])]);
  if (signature !== undefined) headers.append(Internal.header, signature);
  // fetch permits no body with GET, so these use a method that allows one.
  const response = await Api.app().request(`http://${host}${of.path ?? path}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  return response.status;
}

const call = (over: Partial<Internal.Call> = {}): Internal.Call => ({ method: "GET", target: path, body: "", ...over });
const good = (over: Partial<Internal.Call> = {}): Promise<string> => Internal.sign(call(over));

/** Returns a signature made by hand, as any holder of the secret could. */
function made(
  key: { id: string; secret: string },
  over: { time?: number; nonce?: string; word?: string } = {},
): string {
  const time = over.time ?? Math.floor(Date.now() / 1000);
  const nonce = over.nonce ?? randomBytes(16).toString("base64url");
  const hash = createHash("sha256").update("").digest("hex");
  const text = [over.word ?? "lectern internal v1", key.id, time, nonce, "GET", path, hash].join("\n");
  return `v1;${key.id};${time};${nonce};${hash};${createHmac("sha256", key.secret).update(text).digest("base64url")}`;
}
const now = (): number => Math.floor(Date.now() / 1000);
const part = (signature: string, at: number, value: (old: string) => string): string =>
  signature
    .split(";")
    .with(at, value(signature.split(";")[at] ?? ""))
    .join(";");

test("a signed call is accepted once and returns the school's route", async () => {
  const signature = await good();
  const response = await Api.app().request(`http://${Resource.Platform.domain}${path}`, {
    headers: { host: Resource.Platform.domain, [Internal.header]: signature },
  });
  expect(response.status).toBe(200);
  const { schoolId, slug, state, cell, epoch } = school;
  expect(await response.json()).toEqual({ schoolId, slug, state, cell, epoch, isCurrent: true });
  expect(await ask({ signature })).toBe(401);
});

test("of ten concurrent copies of a call, one is accepted", async () => {
  const signature = await good();
  const statuses = await Promise.all(Array.from({ length: 10 }, () => ask({ signature })));
  expect(statuses.sort()).toEqual([200, ...Array.from({ length: 9 }, () => 401)]);
});

test("the previous key is valid until the next rotation, and times are valid within the window", async () => {
  expect(await ask({ signature: made(previous) })).toBe(200);
  expect(await ask({ signature: made(current, { time: now() - 290 }) })).toBe(200);
  expect(await ask({ signature: made(current, { time: now() + 290 }) })).toBe(200);
});

// Each is refused. Most change one part of a valid signature.
const forgeries: [string, () => Promise<Ask> | Ask][] = [
  ["no signature", () => ({})],
  ["an empty signature", () => ({ signature: "" })],
  ["another method", async () => ({ signature: await good(), method: "DELETE" })],
  ["HEAD for GET", async () => ({ signature: await good(), method: "HEAD" })],
  ["a method in lower case", async () => ({ signature: await good({ method: "get" }) })],
  ["another path", async () => ({ signature: await good(), path: `${internalPath}/schools/sch_other` })],
  [
    "the id in capitals",
    async () => ({ signature: await good(), path: path.replace(school.schoolId, school.schoolId.toUpperCase()) }),
  ],
  ["a slash behind the path", async () => ({ signature: await good(), path: `${path}/` })],
  ["the path encoded otherwise", async () => ({ signature: await good(), path: path.replace("sch_", "sch%5F") })],
  ["a query that was not signed", async () => ({ signature: await good(), path: `${path}?all=1` })],
  ["another query", async () => ({ signature: await good({ target: `${path}?a=1` }), path: `${path}?a=2` })],
  [
    "a query in another order",
    async () => ({ signature: await good({ target: `${path}?a=1&b=2` }), path: `${path}?b=2&a=1` }),
  ],
  ["a query left out", async () => ({ signature: await good({ target: `${path}?a=1` }) })],
  [
    "another body",
    async () => ({ signature: await good({ method: "POST", body: "{}" }), method: "POST", body: "{ }" }),
  ],
  [
    "a body that was not signed",
    async () => ({ signature: await good({ method: "POST" }), method: "POST", body: "x" }),
  ],
  ["a body left out", async () => ({ signature: await good({ method: "POST", body: "x" }), method: "POST" })],
  [
    "a body that only reads alike",
    async () => ({
      signature: await good({ method: "POST", body: "\ufffd" }),
      method: "POST",
      body: new Uint8Array([0xff]),
    }),
  ],
  [
    "another body with its own hash",
    async () => ({
      signature: part(await good({ method: "POST", body: "a" }), 4, () =>
        createHash("sha256").update("b").digest("hex"),
      ),
      method: "POST",
      body: "b",
    }),
  ],
  ["a time too old", () => ({ signature: made(current, { time: now() - 302 }) })],
  ["a time too early", () => ({ signature: made(current, { time: now() + 302 }) })],
  ["a time moved", async () => ({ signature: part(await good(), 2, (time) => String(Number(time) + 1)) })],
  ["another nonce", async () => ({ signature: part(await good(), 3, () => randomBytes(16).toString("base64url")) })],
  ["an unknown key", () => ({ signature: made({ ...current, id: "third" }) })],
  ["the name of the other key", async () => ({ signature: part(await good(), 1, () => previous.id) })],
  ["the name in capitals", async () => ({ signature: part(await good(), 1, (id) => id.toUpperCase()) })],
  ["another secret", () => ({ signature: made({ id: current.id, secret: randomBytes(32).toString("base64url") }) })],
  ["an empty secret", () => ({ signature: made({ id: current.id, secret: "" }) })],
  ["a signature cut short", async () => ({ signature: (await good()).slice(0, -1) })],
  ["a signature cut to nothing", async () => ({ signature: part(await good(), 5, () => "") })],
  ["a signature with more behind it", async () => ({ signature: `${await good()}A` })],
  ["a signature spelled otherwise", async () => ({ signature: part(await good(), 5, otherSpelling) })],
  ["a signature in capitals", async () => ({ signature: (await good()).toUpperCase() })],
  ["a hash in capitals", async () => ({ signature: part(await good(), 4, (hash) => hash.toUpperCase()) })],
  ["another version", async () => ({ signature: (await good()).replace("v1", "v2") })],
  ["another purpose", () => ({ signature: made(current, { word: "lectern internal v0" }) })],
  ["the header twice", async () => ({ signature: await good(), headers: [[Internal.header, await good()]] })],
  ["a bearer token in its place", () => ({ headers: [["authorization", `Bearer ${current.secret}`]] })],
  [
    "another method in a header",
    async () => ({ signature: await good({ method: "POST" }), headers: [["x-http-method-override", "POST"]] }),
  ],
];

/** Base64 of 32 bytes has two unused bits in its last letter, so the same bytes have four spellings. */
function otherSpelling(mac: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const other = `${mac.slice(0, -1)}${alphabet[alphabet.indexOf(mac.at(-1) ?? "") ^ 1]}`;
  expect(Buffer.from(other, "base64url").equals(Buffer.from(mac, "base64url"))).toBe(true);
  return other;
}

test.each(forgeries)("refused: %s", async (_, forge) => {
  expect(await ask(await forge())).toBe(401);
});

test("a replayed call is refused forever", async () => {
  const signature = await good();
  expect(await ask({ signature })).toBe(200);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 290_000 });
  expect(await ask({ signature })).toBe(401);
  vi.setSystemTime(Date.now() + 3600_000);
  expect(await ask({ signature })).toBe(401);
});

test("a school's host does not serve these addresses, signed or not", async () => {
  const host = `${school.slug}.${Resource.Platform.domain}`;
  expect(await ask({ host, signature: await good() })).toBe(404);
  expect(await ask({ host })).toBe(404);
});

test("an unknown school is not found, and a school's id is required", async () => {
  for (const id of ["sch_00000000000000000000000000", "nonsense"]) {
    const target = `${internalPath}/schools/${id}`;
    expect(await ask({ path: target, signature: await good({ target }) })).toBe(404);
  }
});
