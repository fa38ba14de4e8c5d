import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { edgeBudget, edgeCode } from "../edge.ts";
import { at, ofType } from "../rules/rule.ts";
import { edgeOf, edgeRequest, edgeSource, edgeStore, maxFunctionBytes } from "./edge.ts";
import { graphOf, stages } from "./graphs.ts";

const graph = graphOf("production");
const store = edgeStore(graph);
const run = edgeOf(edgeSource(graph), store);
const ask = (url: string, headers: Record<string, string> = {}, method = "GET") =>
  run(edgeRequest(url, { headers, method }));
const headerOf = (answer: Awaited<ReturnType<typeof ask>>, name: string) => answer.request.headers[name]?.value;

const site = /^webserver[\w-]*\.lambda-url\.us-east-1\.on\.aws$/;
const api = /^api[\w-]*\.lambda-url\.us-east-1\.on\.aws$/;
const auth = /^auth[\w-]*\.lambda-url\.us-east-1\.on\.aws$/;

describe("where a request goes", () => {
  test.each([
    ["the apex", "https://lectern.example/", site],
    ["a school", "https://harbor.lectern.example/courses?page=2", site],
    ["a school's own domain", "https://learn.harbor.example/courses", site],
    ["the API of the platform", "https://lectern.example/api/v1/schools", api],
    ["the API of a school", "https://harbor.lectern.example/api/v1/courses", api],
    ["the API at a school's own domain", "https://learn.harbor.example/api", api],
    ["health", "https://lectern.example/health/ready", api],
    ["metrics", "https://lectern.example/metrics", api],
    ["what only begins like the API", "https://harbor.lectern.example/apix", site],
    ["the sign-in host", "https://auth.lectern.example/sign-in?flow=x", auth],
    ["the sign-in host, where its path looks like the API's", "https://auth.lectern.example/api/v1/me", auth],
    ["a school that is only called like the sign-in host", "https://auth-guild.lectern.example/", site],
  ])("%s", async (_, url, origin) => {
    const answer = await ask(url);
    expect(answer.origin?.domainName).toMatch(origin);
    expect(answer.origin?.customOriginConfig).toMatchObject({ protocol: "https", port: 443 });
    expect(headerOf(answer, "x-forwarded-host")).toBe(new URL(url).host);
    expect(answer.request.uri).toBe(new URL(url).pathname);
  });

  test("files of the browser build come from the bucket, without cookies and signed", async () => {
    const answer = await ask("https://harbor.lectern.example/assets/entry.client-1.js", { cookie: "theme=dark" });
    expect(answer.origin?.domainName).toMatch(/\.s3\.us-east-1\.amazonaws\.com$/);
    expect(answer.origin?.originAccessControlConfig).toMatchObject({ enabled: true, originType: "s3" });
    expect(answer.request.cookies).toBeUndefined();
  });

  test("CloudFront's own name for the distribution serves nothing", async () => {
    expect((await ask("https://d111111abcdef8.cloudfront.net/")).response?.statusCode).toBe(403);
  });
});

describe("what the edge says about a request", () => {
  const forged = {
    "x-forwarded-host": "other.lectern.example",
    "x-lectern-edge": "guess",
    "x-lectern-ip": "203.0.113.9",
    "x-lectern-seat": "shared",
    "x-lectern-edition": "old",
    forwarded: "host=other.lectern.example",
    "cloudfront-viewer-address": "203.0.113.9:443",
    "true-client-ip": "203.0.113.9",
    "x-real-ip": "203.0.113.9",
    "x-forwarded-for": "203.0.113.9",
    "x-foreign-origin": "https://lectern.example",
    "x-request-id": "req_of_somebody_else",
  };

  test.each(["https://harbor.lectern.example/courses", "https://harbor.lectern.example/api/v1/courses"])(
    "a client's own words for it are overwritten: %s",
    async (url) => {
      const answer = await ask(url, forged);
      expect(headerOf(answer, "x-forwarded-host")).toBe("harbor.lectern.example");
      expect(headerOf(answer, "x-lectern-ip")).toBe("192.0.2.7");
      expect(headerOf(answer, "x-request-id")).toMatch(/^req_[A-Za-z0-9]+$/);
      const rewritten = ["x-forwarded-host", "x-lectern-edge", "x-lectern-ip", "x-request-id"];
      for (const gone of Object.keys(forged).filter((name) => !rewritten.includes(name)))
        expect(headerOf(answer, gone), gone).toBeUndefined();
    },
  );

  test("the secret is one that the functions accept, of which they know the digest only", async () => {
    const secret = headerOf(await ask("https://lectern.example/", forged), "x-lectern-edge") ?? "";
    const [link] = ofType(graph, "sst:sst:LinkRef").filter(({ name }) => name === "EdgeLinkRef");
    const accepted = link && at(link, "properties", "accepted");
    expect(accepted).toHaveLength(2);
    expect(accepted).toContain(createHash("sha256").update(secret).digest("hex"));
    expect(JSON.stringify(accepted)).not.toContain(secret);
  });

  test("each request with a cookie or a token gets a unique cache key", async () => {
    const url = "https://harbor.lectern.example/courses";
    const marks = [
      await ask(url, { cookie: "__Host-session=abc" }),
      await ask(url, { cookie: "__Host-session=abc" }),
      await ask(url, { cookie: "theme=dark" }),
      await ask(url, { authorization: "Bearer x" }),
    ].map((answer) => headerOf(answer, "x-lectern-seat"));
    expect(new Set(marks).size).toBe(4);
    expect(marks).not.toContain(undefined);
  });

  test("visitors' requests get their own host's edition only", async () => {
    const withEditions = edgeOf(edgeSource(graph), new Map([...store, ["edition:harbor.lectern.example", "7"]]));
    const edition = async (url: string, headers = {}) =>
      (await withEditions(edgeRequest(url, { headers }))).request.headers["x-lectern-edition"]?.value;
    expect(await edition("https://harbor.lectern.example/")).toBe("7");
    expect(await edition("https://HARBOR.lectern.example/", { host: "Harbor.Lectern.Example" })).toBe("7");
    expect(await edition("https://summit.lectern.example/", forged)).toBeUndefined();
  });
});

test("headers that no function would get are refused at the edge, and not kept", async () => {
  const { response } = await ask("https://harbor.lectern.example/", { cookie: `a=${"x".repeat(9_800)}` });
  expect(response?.statusCode).toBe(431);
  expect((await ask("https://harbor.lectern.example/", { cookie: `a=${"x".repeat(7_000)}` })).response).toBeUndefined();
});

test.each(stages)("the function of %s fits CloudFront, and ours its share", (stage) => {
  const code = edgeSource(graphOf(stage));
  expect(Buffer.byteLength(code)).toBeLessThan(maxFunctionBytes);
  expect(edgeCode("x".repeat(40)).length).toBeLessThan(edgeBudget);
});

describe("mistakes in the edge's code are seen", () => {
  const url = "https://harbor.lectern.example/courses";
  const clearing = /for \(var n in h\).*delete h\[n\];?/;
  const planted = (...mistakes: readonly (readonly [from: RegExp, to: string])[]) => {
    let code = edgeSource(graph);
    for (const [from, to] of mistakes) {
      expect(code).toMatch(from);
      code = code.replace(from, to);
    }
    return edgeOf(code, store);
  };

  test("a client's mark that is not taken away would be shared", async () => {
    const answer = await planted([clearing, ""])(edgeRequest(url, { headers: { "x-lectern-seat": "shared" } }));
    expect(answer.request.headers["x-lectern-seat"]?.value).toBe("shared");
  });

  test("a forwarded host that is not overwritten would choose the school", async () => {
    const forgery = edgeRequest(url, { headers: { "x-forwarded-host": "other.lectern.example" } });
    const overwriting = /event\.request\.headers\["x-forwarded-host"\] ?= ?event\.request\.headers\.host/;
    const answer = await planted([clearing, ""], [overwriting, "0"])(forgery);
    expect(answer.request.headers["x-forwarded-host"]?.value).toBe("other.lectern.example");
  });
});
