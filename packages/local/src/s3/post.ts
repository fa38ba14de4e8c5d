import type { IncomingMessage, ServerResponse } from "node:http";
import { Transform } from "node:stream";
import busboy from "busboy";
import { messageOf } from "../util/part.ts";
import { S3Error } from "./error.ts";
import { type Metadata, nowhere, type ObjectStore } from "./objects.ts";
import { type CheckedPolicy, checkPolicy } from "./policy.ts";

interface Upload {
  key: string;
  etag: string;
  fields: ReadonlyMap<string, string>;
}

/** Stores a browser's form upload. The file goes to disk while its size is checked; one commit publishes it. */
export async function post(
  store: ObjectStore,
  bucket: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!(await store.getBucket(bucket))) throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
  if (!/^multipart\/form-data/i.test(request.headers["content-type"] ?? "")) {
    throw new S3Error("PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data");
  }
  const { key, etag, fields } = await receive(store, bucket, request);
  const location = `http://${request.headers.host}/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  response.setHeader("etag", `"${etag}"`);
  response.setHeader("location", location);
  const redirect = fields.get("success_action_redirect") ?? fields.get("redirect");
  const target = redirect && URL.canParse(redirect) ? new URL(redirect) : undefined;
  if (target) {
    for (const [name, value] of Object.entries({ bucket, key, etag: `"${etag}"` }))
      target.searchParams.append(name, value);
    response.writeHead(303, { location: target.href }).end();
    return;
  }
  const status = fields.get("success_action_status");
  if (status === "201") {
    const text = (value: string) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    response
      .writeHead(201, { "content-type": "application/xml" })
      .end(
        `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>${text(location)}</Location><Bucket>${text(bucket)}</Bucket>` +
          `<Key>${text(key)}</Key><ETag>"${etag}"</ETag></PostResponse>`,
      );
    return;
  }
  response.writeHead(status === "200" ? 200 : 204).end();
}

function receive(store: ObjectStore, bucket: string, request: IncomingMessage): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>([["bucket", bucket]]);
    let file: Promise<Upload> | undefined;
    const fail = (error: unknown) => {
      request.unpipe(form);
      request.resume();
      reject(error instanceof S3Error ? error : new S3Error("MalformedPOSTRequest", messageOf(error)));
    };
    const form = busboy({
      headers: request.headers,
      defParamCharset: "utf8",
      limits: { fields: 60, fieldSize: 20_480, files: 2, parts: 64 },
    });
    form.on("field", (name, value) => {
      if (!file) fields.set(name.toLowerCase(), value);
    });
    form.on("file", (name, stream, info) => {
      if (file || name !== "file") {
        stream.pipe(nowhere());
        return;
      }
      try {
        const key = (fields.get("key") ?? "").replaceAll(/\$\{filename\}/g, () => info.filename ?? "");
        if (!key) throw new S3Error("InvalidArgument", "Bucket POST must contain a field named 'key'.");
        if (Buffer.byteLength(key) > 1024) throw new S3Error("KeyTooLongError", "Your key is too long");
        fields.set("key", key);
        const limits = checkPolicy(fields);
        file = save(store, bucket, key, fields, stream.pipe(sizeGuard(limits)));
        file.then(resolve, fail);
      } catch (error) {
        stream.resume();
        fail(error);
      }
    });
    form.on("error", fail);
    form.on("close", () => {
      if (!file) fail(new S3Error("InvalidArgument", "POST requires exactly one file upload per request."));
    });
    request.on("aborted", () => fail(new S3Error("IncompleteBody", "The request body terminated unexpectedly")));
    request.pipe(form);
  });
}

async function save(
  store: ObjectStore,
  bucket: string,
  key: string,
  fields: ReadonlyMap<string, string>,
  body: Transform,
): Promise<Upload> {
  const written = await store.write(body);
  const metadata: Metadata = { "content-type": "binary/octet-stream" };
  for (const [name, value] of fields) metadata[name] = value;
  store.commit(bucket, key, written, metadata);
  return { key, etag: written.etag, fields };
}

/** Passes bytes through; fails as soon as there are too many, or at the end when there are too few. */
function sizeGuard({ minBytes, maxBytes }: CheckedPolicy): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > maxBytes)
        done(
          new S3Error("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", {
            MaxSizeAllowed: maxBytes,
          }),
        );
      else done(null, chunk);
    },
    flush(done) {
      if (size < minBytes)
        done(
          new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
            MinSizeAllowed: minBytes,
          }),
        );
      else done();
    },
  });
}
