import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, get, type Server } from "node:http";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tempDir } from "../testing/index.ts";
import { listen } from "../util/ports.ts";
import { compressor } from "./compress.ts";
import { StaticFiles } from "./static.ts";

const script = `console.log("${"x".repeat(5000)}")`;
const page = `<p>${"Hello. ".repeat(1000)}</p>`;
let dir: ReturnType<typeof tempDir>;
let server: Server;
let port: number;

beforeAll(async () => {
  dir = tempDir();
  const folder = join(dir.path, "client");
  mkdirSync(join(folder, "assets"), { recursive: true });
  writeFileSync(join(dir.path, "secret.txt"), "secret");
  writeFileSync(join(folder, "assets", "app-1.js"), script);
  writeFileSync(join(folder, "assets", "font.woff2"), "binary".repeat(1000));
  writeFileSync(join(folder, "favicon.ico"), "icon");
  const files = new StaticFiles(folder);
  server = createServer((request, response) => {
    void files.serve(request, response, request.url ?? "/").then((served) => {
      if (served) return;
      const small = request.url === "/small";
      response.setHeader("content-type", request.url === "/image" ? "image/png" : "text/html; charset=utf-8");
      response.setHeader("etag", '"v1"');
      if (request.url === "/no-transform") response.setHeader("cache-control", "no-transform");
      const body = small ? "<p>Hi</p>" : page;
      (compressor(request, response, Buffer.byteLength(body)) ?? response).end(body);
    });
  });
  port = await listen(server);
});
afterAll(() => {
  server.close();
  dir.remove();
});

const fetchRaw = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    }).on("error", reject);
  });

test("files with a hash in their name are cached for good, and sent as small as the client takes them", async () => {
  const plain = await fetchRaw("/assets/app-1.js");
  expect(plain.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    vary: "Accept-Encoding",
  });
  expect(plain.body.toString()).toBe(script);
  const br = await fetchRaw("/assets/app-1.js", { "accept-encoding": "gzip, deflate, br" });
  expect(br.headers["content-encoding"]).toBe("br");
  expect(brotliDecompressSync(br.body).toString()).toBe(script);
  const gzip = await fetchRaw("/assets/app-1.js", { "accept-encoding": "gzip, br;q=0" });
  expect(gunzipSync(gzip.body).toString()).toBe(script);
  expect(new Set([plain, br, gzip].map((each) => each.headers.etag)).size).toBe(3);
  expect(
    (await fetchRaw("/assets/font.woff2", { "accept-encoding": "br" })).headers["content-encoding"],
  ).toBeUndefined();
  expect((await fetchRaw("/favicon.ico")).headers["cache-control"]).toBe("public, max-age=3600");
});

test("a file the client has is not sent again, and HEAD sends none", async () => {
  const { headers } = await fetchRaw("/assets/app-1.js");
  const again = await fetchRaw("/assets/app-1.js", { "if-none-match": String(headers.etag) });
  expect([again.status, again.body.length]).toEqual([304, 0]);
  const head = await fetchRaw("/assets/app-1.js", {}, "HEAD");
  expect([head.headers["content-length"], head.body.length]).toEqual([String(script.length), 0]);
});

test.each(["/../secret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/%zz"])(
  "nothing outside the folder is served: %s",
  async (path) => {
    expect((await fetchRaw(path)).body.toString()).not.toContain("secret");
  },
);

test("pages are compressed where it is worth it", async () => {
  const br = await fetchRaw("/page", { "accept-encoding": "br" });
  expect(br.headers).toMatchObject({ "content-encoding": "br", vary: "Accept-Encoding", etag: 'W/"v1"' });
  expect(brotliDecompressSync(br.body).toString()).toBe(page);
  for (const path of ["/small", "/image", "/no-transform"]) {
    expect((await fetchRaw(path, { "accept-encoding": "br" })).headers["content-encoding"]).toBeUndefined();
  }
  expect((await fetchRaw("/page")).body.toString()).toBe(page);
});
