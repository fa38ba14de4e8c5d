import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { createPresignedPost, type PresignedPostOptions } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientOptions, tempDir } from "../testing/index.ts";
import { type S3, start } from "./index.ts";

const Bucket = "media";
let dir: ReturnType<typeof tempDir>;
let server: S3;
let s3: S3Client;
const connect = (over: object = {}) =>
  new S3Client({
    ...clientOptions(server.endpoint),
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    ...over,
  });

beforeAll(async () => {
  dir = tempDir();
  server = await start({ dataDir: dir.path, buckets: [Bucket] });
  s3 = connect();
});
afterAll(async () => {
  await server.stop();
  dir.remove();
});

const put = (Key: string, Body: string | Buffer, over: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...over }));
const read = async (Key: string, over: object = {}) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...over }));
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
};

describe("objects", () => {
  test("come back byte for byte, with type, metadata and MD5 as ETag", async () => {
    const body = randomBytes(300_000);
    const { ETag } = await put("s1/a.bin", body, {
      ContentType: "video/mp4",
      Metadata: { by: "ada" },
      CacheControl: "no-store",
    });
    expect(ETag).toBe(`"${createHash("md5").update(body).digest("hex")}"`);
    expect((await read("s1/a.bin")).equals(body)).toBe(true);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "s1/a.bin" }));
    expect(head).toMatchObject({
      ContentType: "video/mp4",
      ContentLength: 300_000,
      CacheControl: "no-store",
      Metadata: { by: "ada" },
    });
  });

  test("sent as a stream in aws-chunked framing are stored without it", async () => {
    const body = randomBytes(200_000);
    const streaming = connect({ requestChecksumCalculation: "WHEN_SUPPORTED" });
    await streaming.send(
      new PutObjectCommand({
        Bucket,
        Key: "s1/stream",
        Body: Readable.from([body.subarray(0, 7), body.subarray(7)]),
        ContentLength: body.length,
      }),
    );
    expect((await read("s1/stream")).equals(body)).toBe(true);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "s1/stream" }));
    expect(head.ContentEncoding).toBeUndefined();
  });

  test("whose checksum does not fit are refused and leave nothing", async () => {
    const files = () => readdirSync(join(dir.path, "s3", "files")).length;
    const before = files();
    await expect(put("s1/bad", "hello", { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "s1/bad" }))).rejects.toMatchObject({ name: "NotFound" });
    expect(files()).toBe(before);
  });

  test.each(["s1/ü and + & = %41 'x'.txt", "s1/../s2/up", "s1/./dot", `s1/${"long".repeat(60)}`, "s1/tail/"])(
    "may be called %s",
    async (key) => {
      await put(key, key);
      expect((await read(key)).toString()).toBe(key);
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
      expect(Contents?.map((each) => each.Key)).toEqual([key]);
      await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
      await expect(read(key)).rejects.toMatchObject({ name: "NoSuchKey" });
    },
  );

  test("are listed in order, in pages, with common prefixes", async () => {
    for (const name of ["a-b", "a/1", "a/2", "a0", "b"]) await put(`list/${name}`, "x");
    const keys: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: "list/",
          MaxKeys: 2,
          ...(ContinuationToken && { ContinuationToken }),
        }),
      );
      keys.push(...(page.Contents ?? []).map((each) => each.Key ?? ""));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(keys).toEqual(["list/a-b", "list/a/1", "list/a/2", "list/a0", "list/b"]);
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/", Delimiter: "/" }));
    expect(page.CommonPrefixes).toEqual([{ Prefix: "list/a/" }]);
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }));
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "list/" }))).Contents).toBeUndefined();
  });

  test("are copied, and overwritten whole", async () => {
    await put("s1/old", "old");
    await s3.send(new CopyObjectCommand({ Bucket, Key: "s1/copy", CopySource: `${Bucket}/s1/old` }));
    await put("s1/old", "new");
    expect((await read("s1/copy")).toString()).toBe("old");
    expect((await read("s1/old")).toString()).toBe("new");
  });

  test("come in parts", async () => {
    const Key = "s1/parts";
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: "video/webm" }));
    const parts = [randomBytes(5 << 20), randomBytes(1000)];
    const Parts = [];
    for (const [at, Body] of parts.entries()) {
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: at + 1, Body }));
      Parts.push({ ETag, PartNumber: at + 1 });
    }
    const { ETag } = await s3.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect((await read(Key)).equals(Buffer.concat(parts))).toBe(true);
    const other = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: other.UploadId }));
    await expect(
      s3.send(new UploadPartCommand({ Bucket, Key, UploadId: other.UploadId, PartNumber: 1, Body: "x" })),
    ).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  test.each([
    ["bytes=0-4", "01234", "bytes 0-4/10"],
    ["bytes=0-0", "0", "bytes 0-0/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=5-99", "56789", "bytes 5-9/10"],
  ])("are read by range %s", async (Range, expected, contentRange) => {
    await put("s1/digits", "0123456789");
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: "s1/digits", Range }));
    expect(await answer.Body?.transformToString()).toBe(expected);
    expect(answer.ContentRange).toBe(contentRange);
  });

  test("have no bytes behind their end", async () => {
    await put("s1/digits", "0123456789");
    await expect(read("s1/digits", { Range: "bytes=10-" })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 416 },
    });
  });
});

describe("access", () => {
  test("needs a signature, made with our key, of this very request", async () => {
    await put("s1/secret", "secret");
    expect((await fetch(`${server.endpoint}/${Bucket}/s1/secret`)).status).toBe(403);
    const stranger = connect({ credentials: { accessKeyId: "local", secretAccessKey: "guess" } });
    const get = new GetObjectCommand({ Bucket, Key: "s1/secret" });
    await expect(stranger.send(get)).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    const nobody = connect({ credentials: { accessKeyId: "nobody", secretAccessKey: "x" } });
    await expect(nobody.send(get)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
  });

  test("by presigned address works with ranges, names the file, and ends", async () => {
    await put("s1/video", "0123456789", { ContentType: "video/mp4" });
    const url = await getSignedUrl(
      s3,
      new GetObjectCommand({ Bucket, Key: "s1/video", ResponseContentDisposition: 'attachment; filename="a.mp4"' }),
      { expiresIn: 60 },
    );
    const answer = await fetch(url, { headers: { range: "bytes=2-4", origin: "http://algebra.localhost:3000" } });
    expect(answer.status).toBe(206);
    expect(await answer.text()).toBe("234");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="a.mp4"');
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://algebra.localhost:3000");
    expect((await fetch(url.replace("s1/video", "s1/secret"))).status).toBe(403);
    expect((await fetch(url.replace("a.mp4", "b.mp4"))).status).toBe(403);
    expect((await fetch(url, { method: "PUT", body: "x" })).status).toBe(403);
    const past = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "s1/video" }), {
      expiresIn: 1,
      signingDate: new Date(Date.now() - 5000),
    });
    expect((await fetch(past)).status).toBe(403);
  });

  test("by CORS is for pages of this machine only", async () => {
    const ask = (origin: string, method = "POST") =>
      fetch(`${server.endpoint}/${Bucket}`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": method },
      });
    expect((await ask("http://localhost:3000")).headers.get("access-control-allow-origin")).toBe(
      "http://localhost:3000",
    );
    expect((await ask("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    for (const [origin, method] of [
      ["https://evil.example", "POST"],
      ["http://localhost.evil.example", "GET"],
      ["http://localhost:3000", "PUT"],
      ["http://localhost:3000", "DELETE"],
    ] as const) {
      const answer = await ask(origin, method);
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    }
  });
});

describe("a presigned POST", () => {
  const conditions: PresignedPostOptions["Conditions"] = [
    ["content-length-range", 1, 1000],
    ["starts-with", "$Content-Type", "image/"],
    ["starts-with", "$key", "s1/up/"],
  ];
  async function send(change: {
    fields?: Record<string, string>;
    body?: string;
    expires?: number;
    remove?: string;
    options?: Partial<PresignedPostOptions>;
    headers?: Record<string, string>;
  }) {
    const { url, fields } = await createPresignedPost(s3, {
      Bucket,
      Key: ["s1/up/$", "{filename}"].join(""),
      Conditions: conditions,
      Expires: change.expires ?? 60,
      ...change.options,
    });
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...fields, "Content-Type": "image/png", ...change.fields })) {
      if (name !== change.remove) form.append(name, value);
    }
    form.append("file", new Blob([change.body ?? "pixels"]), "a.png");
    const answer = await fetch(url, {
      ...{ method: "POST", body: form, redirect: "manual" },
      ...(change.headers && { headers: change.headers }),
    });
    return { status: answer.status, code: /<Code>(\w+)/.exec(await answer.text())?.[1], headers: answer.headers };
  }

  test("an object's tags are kept with it: those of its form, those put later, none after it was written over", async () => {
    const tagsOf = async (Key: string) => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
    const tagging = "<Tagging><TagSet><Tag><Key>state</Key><Value>waiting</Value></Tag></TagSet></Tagging>";
    expect(await send({ options: { Fields: { tagging } } })).toMatchObject({ status: 204 });
    expect(await tagsOf("s1/up/a.png")).toEqual([{ Key: "state", Value: "waiting" }]);
    const TagSet = [{ Key: "kind", Value: "original" }];
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "s1/up/a.png", Tagging: { TagSet } }));
    expect(await tagsOf("s1/up/a.png")).toEqual(TagSet);
    await s3.send(new PutObjectCommand({ Bucket, Key: "s1/up/a.png", Body: "new" }));
    expect(await tagsOf("s1/up/a.png")).toEqual([]);
    const missing = s3.send(new PutObjectTaggingCommand({ Bucket, Key: "s1/up/none.png", Tagging: { TagSet } }));
    await expect(missing).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  test("stores the file under the key the policy allows", async () => {
    expect(await send({})).toMatchObject({ status: 204 });
    expect((await read("s1/up/a.png")).toString()).toBe("pixels");
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "s1/up/a.png" }));
    expect(head.ContentType).toBe("image/png");
  });

  test("from a page of another site is stored as any other; its answer is not for that page's scripts", async () => {
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "s1/up/a.png" }));
    const { status, headers } = await send({ headers: { origin: "https://learn.example.edu" } });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([204, null]);
    expect((await read("s1/up/a.png")).toString()).toBe("pixels");
  });

  test("redirects where the policy says", async () => {
    const target = "http://algebra.localhost:3000/done?id=1";
    const answer = await send({ options: { Fields: { success_action_redirect: target } } });
    expect(answer.status).toBe(303);
    const location = new URL(answer.headers.get("location") ?? "");
    expect(location.searchParams.get("key")).toBe("s1/up/a.png");
    expect(location.searchParams.get("id")).toBe("1");
  });

  test.each<[string, Parameters<typeof send>[0], string]>([
    ["a key of another school", { fields: { key: "s2/up/a.png" } }, "AccessDenied"],
    ["another type", { fields: { "Content-Type": "text/html" } }, "AccessDenied"],
    ["a file that is too big", { body: "x".repeat(1001) }, "EntityTooLarge"],
    ["a file that is much too big", { body: "x".repeat(3_000_000) }, "EntityTooLarge"],
    ["an empty file", { body: "" }, "EntityTooSmall"],
    ["a field nobody signed", { fields: { "x-amz-meta-role": "admin" } }, "AccessDenied"],
    ["a redirect nobody signed", { fields: { success_action_redirect: "https://evil.example" } }, "AccessDenied"],
    [
      "another policy",
      { fields: { Policy: Buffer.from('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}').toString("base64") } },
      "SignatureDoesNotMatch",
    ],
    ["no policy", { remove: "Policy" }, "AccessDenied"],
    ["a policy that has expired", { expires: -1 }, "AccessDenied"],
    ["no key", { remove: "key" }, "InvalidArgument"],
  ])("refuses %s", async (_what, change, code) => {
    const answer = await send(change);
    expect(answer.code).toBe(code);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });
});
