import { Isolation } from "@lectern/functions/isolation";
import { Resource } from "sst";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serveBundle } from "./bundle.ts";
import { graphOf } from "./graphs.ts";

// The page server from its zip on plain Node.js against the local cloud.
const graph = graphOf("production");
const bundle = graph.bundles.find(({ name }) => /^WebServer/.test(name));
if (!bundle) throw new Error("production has no bundle of the pages' server");

const edge = { "x-lectern-edge": Resource.LocalCloud?.localKey ?? "", "x-lectern-ip": "192.0.2.7" };
const resources = { SST_RESOURCES_JSON: process.env.SST_RESOURCES_JSON ?? "" };
const platform = { ...edge, "x-forwarded-host": Resource.Platform.domain };
const form = { "content-type": "application/x-www-form-urlencoded", origin: `https://${Resource.Platform.domain}` };

const served: Served[] = [];
async function serve(env: Record<string, string> = {}, flags: readonly string[] = []): Promise<Served> {
  const site = await serveBundle(bundle as NonNullable<typeof bundle>, { env: { ...resources, ...env }, flags });
  served.push(site);
  return site;
}
afterAll(() => {
  for (const site of served) site.stop();
});

let site: Served;
beforeAll(async () => {
  site = await serve({ LECTERN_STREAMING: "on" });
});

test("it is served to the edge alone", async () => {
  const { "x-lectern-edge": _, ...direct } = platform;
  expect((await site.ask("/pricing", { headers: direct })).status).toBe(403);
  expect((await site.ask("/pricing", { headers: { ...direct, "x-lectern-edge": "guess" } })).status).toBe(403);
  expect((await site.ask("/pricing", { headers: platform })).status).toBe(200);
});

test("a page arrives in pieces where streaming is on, and in one where it is off", async () => {
  const browser = { ...platform, "user-agent": "Mozilla/5.0 Firefox/140.0" };
  const streamed = await site.ask("/pricing", { headers: browser });
  expect(streamed.writes).toBeGreaterThan(1);
  const buffered = await serve();
  const whole = await buffered.ask("/pricing", { headers: browser });
  expect(whole.writes).toBe(1);
  for (const { body } of [streamed, whole]) {
    expect(body).toMatch(/^<!DOCTYPE html>/);
    expect(body).toContain("</html>");
  }
});

test("a form is read, and several cookies are set", async () => {
  const answer = await site.ask("/theme", {
    method: "POST",
    headers: { ...platform, ...form },
    body: "theme=dark&rail=folded&next=%2Fpricing",
  });
  expect([answer.status, answer.headers.location]).toEqual([302, "/pricing"]);
  expect(answer.cookies.map((each) => each.split(";")[0])).toEqual(["__Host-theme=dark", "__Host-rail=folded"]);
  const foreign = { ...platform, ...form, origin: "https://evil.example" };
  expect((await site.ask("/theme", { method: "POST", headers: foreign, body: "theme=dark" })).status).toBe(403);
});

test("a school is found by the host the edge saw", async () => {
  await Isolation.withStage(async ({ world, other }) => {
    const at = (slug: string) => ({ ...edge, "x-forwarded-host": `${slug}.${Resource.Platform.domain}` });
    const page = await site.ask("/courses", { headers: { ...at(world.school.slug), host: "anything.example" } });
    expect(page.status).toBe(200);
    expect(page.body).toContain(world.school.name);
    expect(page.body).not.toContain(other.school.name);
    expect((await site.ask("/courses", { headers: at("no-such-school") })).status).toBe(404);
  });
});

describe("fetch, Response and Headers", () => {
  const all = { isNative: true, responseJson: true, getSetCookie: true };
  const facts = async (of: Served) => JSON.parse((await of.ask("/.facts")).body);

  test("are those of Node.js", async () => {
    expect(await facts(site)).toEqual(all);
  });

  test("Remix's polyfill would be seen", async () => {
    expect(await facts(await serve({}, ["--polyfill"]))).toEqual({
      isNative: false,
      responseJson: false,
      getSetCookie: false,
    });
  });
});
