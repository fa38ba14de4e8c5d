import { Edge } from "@lectern/core/kernel/edge";
import { Resource } from "sst";
import { expect, test } from "vitest";
import { behindEdge } from "./door.ts";

const through = { [Edge.header]: Resource.LocalCloud?.localKey ?? "", "x-lectern-ip": "192.0.2.7" };
const url = "https://harbor.lectern.example/courses";

/** Answers with what the site received. */
const handle = behindEdge(async (request) =>
  Response.json({ headers: Object.fromEntries(request.headers), body: await request.text() }),
);

test("the site serves only requests that come through the edge", async () => {
  const without: Record<string, string>[] = [{}, { [Edge.header]: "guess" }];
  for (const headers of without) {
    const answer = await handle(new Request(url, { headers }));
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([403, "private, no-store"]);
  }
  expect((await handle(new Request(url, { headers: through }))).status).toBe(200);
});

test("the site trusts the edge for the visitor's address, and a form keeps its body", async () => {
  const headers = { ...through, "x-forwarded-for": "203.0.113.1", "x-forwarded-host": "harbor.lectern.example" };
  const answer = await handle(
    new Request(url, { method: "POST", headers, body: new URLSearchParams({ a: "1", b: "2" }) }),
  );
  const seen = await answer.json();
  expect(seen.headers["x-forwarded-for"]).toBe("192.0.2.7");
  expect(seen.headers).not.toHaveProperty(Edge.header);
  expect(seen.body).toBe("a=1&b=2");
});

test.each([
  ["https://harbor.lectern.example", "origin"],
  ["https://evil.example", "x-foreign-origin"],
  ["null", "x-foreign-origin"],
])("an origin is compared with the edge's host: %s", async (origin, header) => {
  const headers = { ...through, origin, "x-forwarded-host": "harbor.lectern.example" };
  const { headers: seen } = await (await handle(new Request(url, { method: "POST", headers }))).json();
  expect(seen[header]).toBe(origin);
  expect(seen).not.toHaveProperty(header === "origin" ? "x-foreign-origin" : "origin");
});

test("a response without a cache policy is not stored, and an existing policy is kept", async () => {
  const of = async (headers: [string, string][]) => {
    const answer = await behindEdge(async () => new Response("x", { status: 201, headers }))(
      new Request(url, { headers: through }),
    );
    return [answer.status, answer.headers.get("cache-control"), answer.headers.getSetCookie(), await answer.text()];
  };
  const cookies: [string, string][] = [
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ];
  expect(await of(cookies)).toEqual([201, "private, no-store", ["a=1", "b=2"], "x"]);
  expect(await of([["cache-control", "public, s-maxage=60"]])).toEqual([201, "public, s-maxage=60", [], "x"]);
});

// The server reads the body before it knows the person, so an attacker needs no account.
test.each([
  ["fields", "a=1&".repeat(300), "application/x-www-form-urlencoded", 422, "form.too_many_fields"],
  [
    "parts",
    '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(300),
    "multipart/form-data; boundary=x",
    422,
    "form.too_many_fields",
  ],
  [
    "parts, behind another boundary",
    '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(300),
    "multipart/form-data; no-boundary=y; boundary=x",
    422,
    "form.too_many_fields",
  ],
  ["missing ends", "--x\r\nbroken", "multipart/form-data; boundary=x", 422, "form.broken"],
  ["bytes", `a=${"x".repeat(300_000)}`, "application/x-www-form-urlencoded", 413, "form.too_large"],
  ["anything but a form", "{}", "application/json", 422, "form.type"],
])("the server refuses a form of too many %s before parsing it", async (_, body, type, status, code) => {
  let isServed = false;
  const serve = behindEdge(async () => {
    isServed = true;
    return new Response();
  });
  const headers = { ...through, "content-type": type, accept: "application/json" };
  for (const each of [body, new Blob([body]).stream()]) {
    const init = { method: "POST", headers, body: each, duplex: "half" } as RequestInit;
    const answer = await serve(new Request(url, init));
    expect([answer.status, await answer.json(), isServed]).toEqual([
      status,
      { code, message: expect.any(String) },
      false,
    ]);
  }
});

test("the lesson editor accepts a long text in any script", async () => {
  const body = new URLSearchParams({ source: "\u0639".repeat(150_000) }).toString();
  const headers = { ...through, "content-type": "application/x-www-form-urlencoded" };
  const answer = await handle(
    new Request("https://harbor.lectern.example/studio/courses/c/lessons/l", { method: "POST", headers, body }),
  );
  expect(answer.status).toBe(200);
});

test("every response has security headers, whatever route made it", async () => {
  for (const made of [
    Response.json({}),
    new Response("<svg/>"),
    new Response(null, { status: 302, headers: { location: "/" } }),
  ]) {
    const { headers } = await behindEdge(async () => made)(new Request(url, { headers: through }));
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "strict-origin-when-cross-origin",
      "permissions-policy": expect.stringContaining("camera=()"),
      "cross-origin-opener-policy": "same-origin",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
  }
  const own = { "content-security-policy": "sandbox" };
  const { headers } = await behindEdge(async () => new Response("", { headers: own }))(
    new Request(url, { headers: through }),
  );
  expect(headers.get("content-security-policy")).toBe("sandbox");
});
