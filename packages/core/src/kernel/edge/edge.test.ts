import { Resource } from "sst";
import { expect, test } from "vitest";
import { Edge } from "./index.ts";

const secret = Resource.LocalCloud?.localKey ?? "";
const event = (headers: Record<string, string>) => ({ rawPath: "/api/v1/me", headers });

test("a handler behind the edge sees the visitor's address, and nothing of the secret", async () => {
  const seen: unknown[] = [];
  const handler = Edge.behind((given: ReturnType<typeof event>, context: string) => {
    seen.push(given.headers, context);
    return "served";
  });
  const headers = {
    ...{ [Edge.header]: secret, "x-lectern-ip": "192.0.2.7", "x-forwarded-for": "1.1.1.1, 2.2.2.2", a: "b" },
    ...{ "cloudfront-viewer-address": "9.9.9.9:443", "true-client-ip": "9.9.9.9", "x-real-ip": "9.9.9.9" },
  };
  expect(await handler(event(headers), "context")).toBe("served");
  expect(seen).toEqual([{ "x-forwarded-for": "192.0.2.7", a: "b" }, "context"]);
});

test("a web request behind the edge has the visitor's address, and nothing of the secret", () => {
  const given = new Headers({
    ...{ [Edge.header]: secret, "x-lectern-ip": "192.0.2.7", "x-forwarded-for": "1.1.1.1, 2.2.2.2" },
    ...{ [Edge.ownHeader]: "r1", cookie: "a=b", "cloudfront-viewer-address": "9.9.9.9:443", "x-foreign-origin": "x" },
  });
  const admitted = Edge.admit(given);
  expect(Object.fromEntries(admitted ?? [])).toEqual({
    ...{ "x-forwarded-for": "192.0.2.7", [Edge.ownHeader]: "r1", cookie: "a=b" },
  });
  // What came in is as it was.
  expect(given.get(Edge.header)).toBe(secret);
});

test.each([
  ["no header", {}],
  ["an empty one", { [Edge.header]: "" }],
  ["a guess", { [Edge.header]: "guess" }],
  ["the digest instead of the value", { [Edge.header]: Edge.digest(secret) }],
  ["the value and more", { [Edge.header]: `${secret},${secret}` }],
])("what does not come through the edge is refused: %s", async (_, headers) => {
  const handler = Edge.behind(() => {
    throw new Error("it was served");
  });
  expect(await handler(event(headers))).toMatchObject({
    statusCode: 403,
    headers: { "cache-control": "private, no-store" },
  });
  expect(Edge.admit(new Headers(headers))).toBeUndefined();
});

test("while the secret is exchanged, the former value and the next are both known", () => {
  const { accepted } = Resource.Edge;
  const before = [...accepted];
  accepted.push(Edge.digest("the next one"));
  try {
    expect([Edge.isKnown(secret), Edge.isKnown("the next one"), Edge.isKnown("another")]).toEqual([true, true, false]);
  } finally {
    accepted.splice(0, accepted.length, ...before);
  }
});

test("the functions' digest is that of infra/router.ts: SHA-256 in hexadecimal", () => {
  expect(Edge.digest("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});
