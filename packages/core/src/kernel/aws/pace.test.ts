import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { options } from "./options.ts";
import { makeS3 } from "./s3.ts";
import { asDeployed } from "./testing/aws-server.ts";

// Over TLS, as S3 is asked: there a large body is one write, and a socket that is busy with it looks silent.

let server: Server;
let received: number[] = [];
/** How many calls to refuse after their body, like a briefly unavailable service. */
let failures = 0;

beforeAll(async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "pace-"));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => path.join(folder, name));
  const made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
  execFileSync("openssl", ["req", ...made, "-keyout", key ?? "", "-out", cert ?? ""], { stdio: "ignore" });
  server = createServer({ key: readFileSync(key ?? ""), cert: readFileSync(cert ?? "") }, async (request, response) => {
    let bytes = 0;
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      // 48 MB in about 13 seconds, more than twice the limit; the system's own buffers hold some of it.
      await sleep(((chunk as Buffer).length / (48 * 1024 * 1024)) * 13_000);
    }
    received.push(bytes);
    response.writeHead(failures-- > 0 ? 503 : 200, { etag: '"x"' }).end();
  });
  rmSync(folder, { recursive: true });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  asDeployed({ url }, {});
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const put = async (bytes: number): Promise<number> => {
  const from = performance.now();
  await makeS3(options("s3")).send(new PutObjectCommand({ Bucket: "media", Key: "x", Body: Buffer.alloc(bytes, "x") }));
  return performance.now() - from;
};

test("a large object may take longer to go than S3 may be silent, and goes once", async () => {
  received = [];
  const bytes = 48 * 1024 * 1024;
  expect(await put(bytes)).toBeGreaterThan(11_000);
  expect(received).toEqual([bytes]);
});

test("one that S3 could not take is sent again, whole", async () => {
  received = [];
  failures = 1;
  const bytes = 3 * 1024 * 1024 + 1;
  await put(bytes);
  expect(received).toEqual([bytes, bytes]);
});
