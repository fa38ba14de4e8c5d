import { expect, test } from "vitest";
import { edgeOnlyHeaders } from "../../packages/core/src/kernel/edge/headers.ts";
import { edgeBudget, edgeCode } from "../edge.ts";

// Our part of the edge function alone; `edge.test.ts` runs it with SST's.

type Headers = Record<string, { value: string }>;

async function headersAfter(given: Record<string, string>, address = "192.0.2.7"): Promise<Headers> {
  const headers: Headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }]));
  const event = {
    request: { headers, cookies: {} },
    viewer: { ip: address },
    context: { requestId: "U4_N8P5-QCeoRz1==" },
  };
  const cf = { kvs: () => ({ get: () => Promise.reject(new Error("KeyNotFound")) }) };
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await new AsyncFunction("event", "cf", edgeCode("secret"))(event, cf);
  return headers;
}

test("a client's own words for what only the edge may say are deleted", async () => {
  const host = "harbor.lectern.example";
  const forged = {
    ...{ "cloudfront-viewer-address": "9.9.9.9:443", "cloudfront-viewer-country": "AQ", forwarded: "for=9.9.9.9" },
    ...{
      "x-forwarded-for": "9.9.9.9",
      "x-forwarded-host": "other",
      "x-forwarded-proto": "http",
      "x-real-ip": "9.9.9.9",
    },
    ...{ "true-client-ip": "9.9.9.9", "x-client-ip": "9.9.9.9", "x-original-url": "/admin", "x-rewrite-url": "/admin" },
    ...{ "x-lectern-edge": "guess", "x-lectern-ip": "9.9.9.9", "x-lectern-seat": "shared", "x-lectern-edition": "old" },
    ...{ "x-foreign-origin": "https://lectern.example", "x-request-id": "req_of_somebody_else" },
  };
  const kept = { host, accept: "text/html", "x-lectern-signature": "v1;proves;itself", "idempotency-key": "k" };
  const headers = await headersAfter({ ...kept, ...forged });
  const values = Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value]));
  expect(values).toEqual({
    ...kept,
    ...{ "x-lectern-edge": "secret", "x-lectern-ip": "192.0.2.7", "x-request-id": "req_U4_N8P5QCeoRz1" },
  });
  for (const name of Object.keys(forged)) expect(edgeOnlyHeaders.test(name), name).toBe(true);
});

test("our part of the function fits its share", () => {
  expect(edgeCode("x".repeat(40)).length).toBeLessThan(edgeBudget);
});
