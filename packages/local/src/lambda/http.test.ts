import { createServer, request } from "node:http";
import { afterEach, expect, test } from "vitest";
import { listen } from "../util/ports.ts";
import { applyHead, type HttpHandler, invoke, maxBodyBytes } from "./http.ts";

let close: (() => void) | undefined;
afterEach(() => close?.());

async function call(
  handler: HttpHandler,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: Buffer | string } = {},
) {
  const server = createServer((incoming, response) => {
    void invoke(handler, incoming, "test").then((result) => {
      applyHead(result, response);
      response.end(result.body);
    });
  });
  const port = await listen(server);
  close = () => server.close();
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const sent = request(
      {
        port,
        host: "127.0.0.1",
        method: options.method ?? "GET",
        path: options.path ?? "/",
        headers: options.headers ?? {},
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    sent.on("error", reject);
    sent.end(options.body);
  });
}
const echo: HttpHandler = (event) => ({ statusCode: 200, body: JSON.stringify(event) });

test("a request arrives as AWS sends it", async () => {
  const { body } = await call(echo, {
    method: "POST",
    path: "/api/v1/courses/a%20b?tag=x&tag=y&empty=",
    headers: {
      host: "algebra.localhost:3000",
      cookie: "a=1; b=2",
      "content-type": "application/json",
      "x-request-id": "r-1",
    },
    body: '{"title":"Ä"}',
  });
  expect(JSON.parse(body.toString())).toMatchObject({
    version: "2.0",
    rawPath: "/api/v1/courses/a%20b",
    rawQueryString: "tag=x&tag=y&empty=",
    queryStringParameters: { tag: "x,y", empty: "" },
    cookies: ["a=1", "b=2"],
    body: '{"title":"Ä"}',
    isBase64Encoded: false,
    requestContext: {
      domainName: "algebra.localhost:3000",
      requestId: "r-1",
      http: { method: "POST", path: "/api/v1/courses/a%20b", protocol: "HTTP/1.1" },
    },
  });
});

test("a binary body arrives in base64, byte for byte", async () => {
  const bytes = Buffer.from([0, 255, 254, 10]);
  const { body } = await call(echo, { method: "PUT", headers: { "content-type": "image/png" }, body: bytes });
  const event = JSON.parse(body.toString());
  expect(event.isBase64Encoded).toBe(true);
  expect(Buffer.from(event.body, "base64").equals(bytes)).toBe(true);
});

test("a result becomes status, headers, several cookies and a binary body", async () => {
  const bytes = Buffer.from([0, 1, 255]);
  const answer = await call(() => ({
    statusCode: 201,
    headers: { "Content-Type": "image/png", "X-Count": 3 },
    cookies: ["a=1; Path=/", "b=2; HttpOnly"],
    body: bytes.toString("base64"),
    isBase64Encoded: true,
  }));
  expect(answer.status).toBe(201);
  expect(answer.headers).toMatchObject({
    "content-type": "image/png",
    "x-count": "3",
    "set-cookie": ["a=1; Path=/", "b=2; HttpOnly"],
  });
  expect(answer.body.equals(bytes)).toBe(true);
});

test("what a handler returns without status is the JSON of a 200", async () => {
  const answer = await call(() => ({ hello: "world" }));
  expect([answer.status, answer.body.toString()]).toEqual([200, '{"hello":"world"}']);
});

test("a handler that throws is answered 502 without its words, a huge body 413 without a call", async () => {
  const shown = console.error;
  console.error = () => {};
  const thrown = await call(() => {
    throw new Error("secret");
  });
  console.error = shown;
  expect([thrown.status, thrown.body.toString()]).toEqual([502, '{"message":"Internal Server Error"}']);
  close?.();
  let called = false;
  const big = await call(
    () => {
      called = true;
      return {};
    },
    { method: "POST", body: Buffer.alloc(maxBodyBytes + 1) },
  );
  expect([big.status, called]).toEqual([413, false]);
});
