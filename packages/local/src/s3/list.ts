import type { ServerResponse } from "node:http";
import { S3Error } from "./error.ts";
import type { ObjectStore } from "./objects.ts";

/** Answers ListObjectsV2. s3rver's page tokens need a cipher that Node has removed. */
export async function list(
  store: ObjectStore,
  bucket: string,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  if (!(await store.getBucket(bucket))) throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const token = query.get("continuation-token");
  const maxKeys = Math.min(1000, Number(query.get("max-keys") ?? 1000));
  if (!Number.isInteger(maxKeys) || maxKeys < 0)
    throw new S3Error("InvalidArgument", "Argument max-keys must be an integer");
  const startAfter = token ? Buffer.from(token, "base64url").toString("utf8") : (query.get("start-after") ?? "");
  const found =
    maxKeys === 0
      ? { objects: [], commonPrefixes: [], isTruncated: false }
      : await store.listObjects(bucket, { prefix, delimiter, startAfter, maxKeys });
  const encode = query.get("encoding-type") === "url" ? encodeURIComponent : (text: string) => text;
  const last = found.objects.at(-1)?.key ?? "";
  const lines = [
    tag("Name", bucket),
    tag("Prefix", encode(prefix)),
    ...(delimiter ? [tag("Delimiter", encode(delimiter))] : []),
    ...(query.has("encoding-type") ? [tag("EncodingType", "url")] : []),
    tag("MaxKeys", maxKeys),
    tag("KeyCount", found.objects.length + found.commonPrefixes.length),
    tag("IsTruncated", String(found.isTruncated)),
    ...(token ? [tag("ContinuationToken", token)] : []),
    ...(found.isTruncated ? [tag("NextContinuationToken", Buffer.from(last).toString("base64url"))] : []),
    ...found.objects.map(
      ({ key, metadata }) =>
        `<Contents>${tag("Key", encode(key))}${tag("LastModified", new Date(metadata["last-modified"] ?? 0).toISOString())}` +
        `${tag("ETag", metadata.etag ?? "")}${tag("Size", metadata["content-length"] ?? 0)}${tag("StorageClass", "STANDARD")}</Contents>`,
    ),
    ...found.commonPrefixes.map((each) => `<CommonPrefixes>${tag("Prefix", encode(each))}</CommonPrefixes>`),
  ];
  response
    .writeHead(200, { "content-type": "application/xml" })
    .end(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${lines.join("")}</ListBucketResult>`,
    );
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" };
const tag = (name: string, value: string | number): string =>
  `<${name}>${String(value).replace(/[&<>"\r]/g, (sign) => entities[sign] ?? sign)}</${name}>`;
