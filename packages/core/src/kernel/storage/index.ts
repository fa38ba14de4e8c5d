import type { Readable } from "node:stream";
import type { PresignedPostOptions } from "@aws-sdk/s3-presigned-post";
import { Resource } from "sst";
import { Aws } from "../aws/index.ts";
import { lazy } from "../lazy/index.ts";
import { own } from "./key.ts";
import { dispositionOf, servedAs } from "./media-type.ts";
import { original, waiting } from "./tags.ts";

/** Loaded on first use, because most functions never touch a file. */
const sdk = lazy(() => import("./sdk.ts"));

export { key, safeFileName } from "./key.ts";
export { dispositionOf, essence, imageTypes, servedAs, sniffBytes, typeOf } from "./media-type.ts";

/** Files of lessons, covers and logos; or packages waiting to be imported. */
export type Bucket = "media" | "packages";

const nameOf = (bucket: Bucket): string =>
  bucket === "media" ? Resource.MediaBucket.name : Resource.PackagesBucket.name;

interface Place {
  /** From `Storage.key`, or from a row of the school. Another school's key throws. */
  readonly key: string;
  /** "media" when left out. */
  readonly bucket?: Bucket;
}

const at = ({ bucket = "media", key }: Place) => ({ Bucket: nameOf(bucket), Key: own(key) });

export interface Head {
  readonly bytes: number;
  readonly contentType: string;
  readonly etag: string;
}

/** Writes an object whole. */
export async function put(
  object: Place & { readonly body: Uint8Array | string; readonly contentType: string },
): Promise<void> {
  const s3 = await sdk();
  await Aws.schoolS3().send(
    new s3.PutObjectCommand({ ...at(object), Body: object.body, ContentType: object.contentType }),
  );
}

/** The whole object in memory, or undefined when there is none. For what is known to be small. */
export async function get(place: Place): Promise<(Head & { readonly body: Uint8Array }) | undefined> {
  const found = await stream(place);
  if (!found) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of found.body) chunks.push(Buffer.from(chunk));
  return { bytes: found.bytes, contentType: found.contentType, etag: found.etag, body: Buffer.concat(chunks) };
}

/**
 * Returns the object's stream, or undefined when it is missing. `range` is an HTTP range ("bytes=0-1023"); `bytes` is
 * then the length of that part and `contentRange` its position. The caller reads the body to its end or destroys it.
 */
export async function stream(
  place: Place & { readonly range?: string },
): Promise<(Head & { readonly body: Readable; readonly contentRange: string | undefined }) | undefined> {
  return orUndefined(place, async () => {
    const s3 = await sdk();
    const answer = await Aws.schoolS3().send(new s3.GetObjectCommand({ ...at(place), Range: place.range }));
    if (!answer.Body) return undefined;
    return { ...headOf(answer), body: answer.Body as Readable, contentRange: answer.ContentRange };
  });
}

/** Size and type, or undefined when there is no such object. */
export const head = (place: Place): Promise<Head | undefined> =>
  orUndefined(place, async () => {
    const s3 = await sdk();
    return headOf(await Aws.schoolS3().send(new s3.HeadObjectCommand(at(place))));
  });

/** Lists keys and sizes under a prefix of the school, at most 1,000, in order; `after` continues from a key. */
export async function list(place: {
  readonly prefix: string;
  readonly bucket?: Bucket;
  readonly limit?: number;
  readonly after?: string;
}): Promise<{ readonly key: string; readonly bytes: number; readonly modifiedAt: number }[]> {
  const s3 = await sdk();
  const answer = await Aws.schoolS3().send(
    new s3.ListObjectsV2Command({
      Bucket: nameOf(place.bucket ?? "media"),
      Prefix: own(place.prefix),
      MaxKeys: place.limit ?? 1000,
      StartAfter: place.after && own(place.after),
    }),
  );
  return (answer.Contents ?? []).flatMap(({ Key, Size, LastModified }) =>
    Key ? [{ key: Key, bytes: Size ?? 0, modifiedAt: LastModified?.getTime() ?? Date.now() }] : [],
  );
}

/** Copies within a bucket and sets the type. With `etag` copies only that version and throws for another one. */
export async function copy(from: Place & { readonly etag?: string }, to: Place & { readonly contentType: string }) {
  const s3 = await sdk();
  await Aws.schoolS3().send(
    new s3.CopyObjectCommand({
      ...at(to),
      CopySource: `${nameOf(from.bucket ?? "media")}/${own(from.key).split("/").map(encodeURIComponent).join("/")}`,
      CopySourceIfMatch: from.etag,
      MetadataDirective: "REPLACE",
      ContentType: to.contentType,
      // The copy of an upload no longer waits.
      TaggingDirective: "REPLACE",
      Tagging: "",
    }),
  );
}

/** Marks a file as an original, which moves to colder storage with age. Nothing a lesson plays is one. */
export async function markOriginal(place: Place): Promise<void> {
  const s3 = await sdk();
  const TagSet = [{ Key: original.key, Value: original.value }];
  await Aws.schoolS3().send(new s3.PutObjectTaggingCommand({ ...at(place), Tagging: { TagSet } }));
}

/** Deletes one object. Deleting what is not there is no error. */
export async function remove(place: Place): Promise<void> {
  const s3 = await sdk();
  await Aws.schoolS3().send(new s3.DeleteObjectCommand(at(place)));
}

export { remove as delete };

/** Deletes everything under a prefix of the school, in pages of 1,000; `${schoolId}/` empties the school. */
export async function deletePrefix(place: { readonly prefix: string; readonly bucket?: Bucket }): Promise<number> {
  const bucket = place.bucket ?? "media";
  const s3 = await sdk();
  let deleted = 0;
  for (;;) {
    const found = await list({ prefix: place.prefix, bucket });
    if (found.length === 0) return deleted;
    const answer = await Aws.schoolS3().send(
      new s3.DeleteObjectsCommand({
        Bucket: nameOf(bucket),
        Delete: { Objects: found.map(({ key }) => ({ Key: key })), Quiet: true },
      }),
    );
    const [failed] = answer.Errors ?? [];
    if (failed) throw new Error(`an object could not be deleted: ${failed.Code ?? "unknown"}`);
    deleted += found.length;
  }
}

export interface Upload {
  readonly url: string;
  /** Hidden fields of the form, in front of the file field, which is called `file`. */
  readonly fields: Readonly<Record<string, string>>;
  readonly key: string;
}

/** As a file name: S3 replaces it by the uploaded file's name, and the policy then fixes only the prefix. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is S3's.
export const fromBrowser = "${filename}";

const waitingTag = `<Tagging><TagSet><Tag><Key>${waiting.key}</Key><Value>${waiting.value}</Value></Tag></TagSet></Tagging>`;

/** A presigned upload lives this long. */
export const uploadSeconds = 15 * 60;

/**
 * Returns a presigned POST form for one key (or one prefix and the browser's file name), one type and a range of sizes;
 * expires after 15 minutes. S3 has no "one of these types": with several, the policy fixes their common prefix, and the
 * code that confirms the upload checks the content.
 */
export async function presignUpload(options: {
  readonly bucket: Bucket;
  /** From `Storage.key`; the object's name follows after a slash. */
  readonly keyPrefix: string;
  /** The object's name, or `fromBrowser` to take the one the browser sends. "upload" when left out. */
  readonly fileName?: string;
  readonly contentTypes: readonly [string, ...string[]];
  readonly maxBytes: number;
  /** Deleted after a day unless copied before: the bucket's lifecycle rule matches the object's tag. */
  readonly isWaiting?: boolean;
  /** Where the browser goes afterwards, for forms without JavaScript: an address on the school's own host. */
  readonly redirect?: string;
}): Promise<Upload> {
  const { bucket, contentTypes, maxBytes, redirect } = options;
  const prefix = `${own(options.keyPrefix)}/`;
  const key = `${prefix}${options.fileName ?? "upload"}`;
  const [first, ...others] = contentTypes;
  const conditions: NonNullable<PresignedPostOptions["Conditions"]> = [
    ["content-length-range", 1, maxBytes],
    others.length === 0 ? { "Content-Type": first } : ["starts-with", "$Content-Type", commonStart(contentTypes)],
  ];
  // These enter the policy unchanged. The content type does not: it has its own condition above.
  const fields = {
    ...(redirect ? { success_action_redirect: redirect } : {}),
    ...(options.isWaiting ? { tagging: waitingTag } : {}),
  };
  const post = await Aws.presignPost({
    Bucket: nameOf(bucket),
    Key: key,
    Conditions: conditions,
    Fields: fields,
    Expires: uploadSeconds,
  });
  return { url: post.url, fields: { "Content-Type": first, ...post.fields }, key };
}

/**
 * Returns a temporary address of the object. What we know of it fixes type and disposition (see `servedAs`), not what
 * the uploader said.
 */
export async function presignGet(
  key: string,
  options: {
    readonly fileName: string;
    readonly contentType: string;
    readonly seconds?: number;
    readonly bucket?: Bucket;
  },
): Promise<string> {
  const s3 = await sdk();
  const served = servedAs(options.contentType);
  const command = new s3.GetObjectCommand({
    ...at({ key, bucket: options.bucket }),
    ResponseContentType: served.contentType,
    ResponseContentDisposition: dispositionOf(served.disposition, options.fileName),
    ResponseCacheControl: "private, max-age=300",
  });
  return Aws.presignGet(command, options.seconds);
}

function commonStart(words: readonly string[]): string {
  const [first = "", ...others] = words;
  let length = first.length;
  for (const word of others) while (!word.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

const headOf = (answer: { ContentLength?: number; ContentType?: string; ETag?: string }): Head => ({
  bytes: answer.ContentLength ?? 0,
  contentType: answer.ContentType ?? "application/octet-stream",
  etag: answer.ETag ?? "",
});

async function orUndefined<T>(place: Place, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { S3ServiceException } = await sdk();
    if (!(error instanceof S3ServiceException)) throw error;
    const status = error.$metadata.httpStatusCode;
    if (error.name === "NoSuchKey" || error.name === "NotFound" || status === 404) return undefined;
    // A school's role may list only its own keys, so S3 answers 403 for missing objects too; the listing decides.
    if (status === 403 && !(await isListed(place))) return undefined;
    throw error;
  }
}

const isListed = async ({ key, bucket = "media" }: Place): Promise<boolean> =>
  (await list({ prefix: key, bucket, limit: 1 })).some((found) => found.key === key);

export * as Storage from "./index.ts";
