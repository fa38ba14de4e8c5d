import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Readable } from "node:stream";
import { messageOf, type Part, since } from "../util/part.ts";
import { listen } from "../util/ports.ts";
import { ChecksumCheck, ChunkDecoder } from "./chunked.ts";
import { normaliseCopy } from "./copy.ts";
import { S3Error } from "./error.ts";
import { list } from "./list.ts";
import { ObjectStore } from "./objects.ts";
import { post } from "./post.ts";
import { verify } from "./signature.ts";

export { credentials } from "./signature.ts";

export interface S3Options {
  dataDir: string;
  port?: number;
  buckets: readonly string[];
  log?: (line: string) => void;
}

export interface S3 extends Part {
  port: number;
  endpoint: string;
}

interface S3rver {
  store: ObjectStore;
  context: { store: ObjectStore };
  logger: { exceptions: { unhandle(): void }; close(): void };
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  on(name: "error", listener: () => void): void;
}

/** Starts S3 with private buckets: every request needs a signature or a form with a signed policy. */
export async function start(options: S3Options): Promise<S3> {
  const begin = performance.now();
  const store = new ObjectStore(options.dataDir);
  for (const bucket of options.buckets) await store.putBucket(bucket);
  const Server: new (options: object) => S3rver = createRequire(import.meta.url)("s3rver");
  const s3rver = new Server({ silent: true, directory: options.dataDir, vhostBuckets: false });
  s3rver.store = store;
  s3rver.context.store = store;
  s3rver.on("error", () => {}); // without a listener, Koa prints each error
  const inner = s3rver.callback();

  const server = createServer((request, response) => {
    handle(store, inner, request, response).catch((error: unknown) => {
      const known = error instanceof S3Error;
      if (!known) options.log?.(`S3 ${request.method} ${request.url} failed: ${messageOf(error)}`);
      refuse(request, response, known ? error : new S3Error("InternalError", "We encountered an internal error."));
    });
  });
  server.keepAliveTimeout = 30_000;
  const port = await listen(server, options.port);
  let stopped: Promise<void> | undefined;
  return {
    name: "S3",
    address: `http://127.0.0.1:${port}`,
    ms: since(begin),
    port,
    endpoint: `http://127.0.0.1:${port}`,
    stop: () => {
      stopped ??= (async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        s3rver.logger.exceptions.unhandle();
        s3rver.logger.close();
        store.close();
      })();
      return stopped;
    },
  };
}

async function handle(
  store: ObjectStore,
  inner: (request: IncomingMessage, response: ServerResponse) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://s3");
  const method = request.method ?? "GET";
  const isAllowed = allowOrigin(request, response);
  if (method === "OPTIONS") {
    // S3 answers AccessForbidden, which s3rver does not know.
    if (!isAllowed) throw new S3Error("AccessDenied", "CORSResponse: This CORS request is not allowed.");
    response.writeHead(200).end();
    return;
  }
  const [bucket = "", ...rest] = url.pathname.slice(1).split("/");
  const isForm = /^multipart\/form-data/i.test(request.headers["content-type"] ?? "");
  if (method === "POST" && rest.join("") === "" && isForm && url.search === "") {
    await post(store, decodeURIComponent(bucket), request, response);
    return;
  }
  verify({ method, path: pathOf(request), query: url.searchParams, headers: request.headers });
  if (rest.slice(0, -1).includes("")) throw new S3Error("InvalidURI", "Keys with an empty part are not emulated.");
  const uploadId = url.searchParams.get("uploadId");
  if (method === "DELETE" && uploadId) {
    store.abortUpload(uploadId);
    response.writeHead(204).end();
    return;
  }
  normaliseRange(store, bucket, rest, request);
  normaliseCopy(store, request);
  const stream = body(request, response);

  if (method === "GET" && rest.join("") === "" && url.searchParams.get("list-type") === "2") {
    await list(store, decodeURIComponent(bucket), url.searchParams, response);
    return;
  }
  // The signature was verified above. s3rver does not verify it, and gets the one key it knows.
  for (const name of [...url.searchParams.keys()]) {
    if (
      /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|content-sha256|security-token)$/i.test(name)
    ) {
      url.searchParams.delete(name);
    }
  }
  delete request.headers.origin;
  request.headers.authorization =
    "AWS4-HMAC-SHA256 Credential=S3RVER/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=checked";
  request.headers["x-amz-date"] = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
  const query = url.searchParams.toString();
  const target = pathOf(request) + (query && `?${query}`);
  if (stream === request) {
    request.url = target;
    inner(request, response);
    return;
  }
  const { headers, socket, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  inner(
    Object.assign(stream, {
      url: target,
      method,
      headers,
      socket,
      httpVersion,
      httpVersionMajor,
      httpVersionMinor,
    }) as unknown as IncomingMessage,
    response,
  );
}

const pathOf = (request: IncomingMessage): string => (request.url ?? "/").split("?")[0] ?? "/";

/** Returns the body without aws-chunked framing, checksums verified; the request itself when it has no body. */
function body(request: IncomingMessage, response: ServerResponse): Readable {
  const { headers } = request;
  if (request.method !== "PUT" && request.method !== "POST") return request;
  const encodings = (headers["content-encoding"] ?? "").split(",").map((each) => each.trim());
  const streaming = String(headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
  const decoder = streaming || encodings.includes("aws-chunked") ? new ChunkDecoder() : undefined;
  const sent = { ...headers };
  const check = new ChecksumCheck((name) => decoder?.trailers.get(name) ?? single(sent[name]));
  const rest = encodings.filter((each) => each && each !== "aws-chunked").join(",");
  if (rest) headers["content-encoding"] = rest;
  else delete headers["content-encoding"];
  const fail = (error: Error) => check.destroy(error);
  // s3rver reads XML bodies without a listener for aborted ones.
  check.on("error", (error) => {
    if (!response.headersSent)
      refuse(request, response, error instanceof S3Error ? error : new S3Error("IncompleteBody", error.message));
  });
  request.on("aborted", () => fail(new Error("The connection was closed.")));
  if (decoder) request.pipe(decoder).on("error", fail).pipe(check);
  else request.pipe(check);
  return check;
}

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** s3rver reads only `bytes=a-b` and `bytes=a-`; S3 also accepts `bytes=-n` and ignores invalid ranges. */
function normaliseRange(store: ObjectStore, bucket: string, rest: string[], request: IncomingMessage): void {
  const { range } = request.headers;
  if (range === undefined) return;
  const suffix = /^bytes=-(\d+)$/.exec(range);
  if (suffix) {
    const size = store.sizeOf(decodeURIComponent(bucket), rest.map(decodeURIComponent).join("/")) ?? 0;
    request.headers.range = `bytes=${Math.max(0, size - Number(suffix[1]))}-`;
  } else if (!/^bytes=\d+-\d*$/.test(range)) {
    delete request.headers.range;
  }
}

/** Same methods as infra/storage.ts. */
const methods = ["GET", "HEAD", "POST"];

/**
 * Sets CORS headers for pages of this machine's hosts. As on S3, other origins may send requests but get no headers, so
 * their pages cannot read the answer.
 */
function allowOrigin(request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers;
  response.setHeader("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
  if (!origin || !/^https?:\/\/([a-z0-9-]+\.)*(localhost|127\.0\.0\.1)(:\d+)?$/.test(origin)) return false;
  const method = request.method === "OPTIONS" ? request.headers["access-control-request-method"] : request.method;
  if (!method || !methods.includes(method)) return false;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "ETag, Content-Range, Content-Length, Accept-Ranges, Location");
  if (request.method === "OPTIONS") {
    response.setHeader("access-control-allow-methods", methods.join(", "));
    response.setHeader("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "*");
    response.setHeader("access-control-max-age", "3000");
  }
  return true;
}

function refuse(request: IncomingMessage, response: ServerResponse, error: InstanceType<typeof S3Error>): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  request.unpipe();
  request.resume(); // drain the rest, so that the client can read the answer
  response
    .writeHead(error.status, { "content-type": "application/xml" })
    .end(request.method === "HEAD" ? "" : error.toXML());
}
