import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Aws } from "@lectern/core/kernel/aws";
import { Resource } from "sst";

// The backups bucket. The dumping function may only put; restores read. Object lock keeps every version and refuses
// uploads without a checksum.

/** S3 requires parts of at least 5 MB and allows 10,000: files up to 80 GB, with one part in memory. */
const partBytes = 8 * 1024 * 1024;

export interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

const Bucket = (): string => Resource.BackupsBucket.name;
const base64 = (part: Buffer): string => createHash("sha256").update(part).digest("base64");

/**
 * Streams a file to S3. An interrupted upload leaves no object; the bucket's lifecycle deletes its parts after a day.
 */
export async function write(Key: string, body: AsyncIterable<Buffer>): Promise<Written> {
  const whole = createHash("sha256");
  const done: { PartNumber: number; ETag: string | undefined; ChecksumSHA256: string }[] = [];
  let UploadId: string | undefined;
  let bytes = 0;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;

  const sendPart = async (): Promise<void> => {
    const Body = Buffer.concat(waiting);
    [waiting, waitingBytes] = [[], 0];
    if (UploadId === undefined) {
      const begun = await Aws.s3().send(
        new CreateMultipartUploadCommand({ Bucket: Bucket(), Key, ChecksumAlgorithm: "SHA256" }),
      );
      UploadId = begun.UploadId;
    }
    const PartNumber = done.length + 1;
    const ChecksumSHA256 = base64(Body);
    const sent = await Aws.s3().send(
      new UploadPartCommand({ Bucket: Bucket(), Key, UploadId, PartNumber, Body, ChecksumSHA256 }),
    );
    done.push({ PartNumber, ETag: sent.ETag, ChecksumSHA256 });
  };

  for await (const chunk of body) {
    whole.update(chunk);
    bytes += chunk.length;
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= partBytes) await sendPart();
  }
  if (UploadId === undefined) {
    const Body = Buffer.concat(waiting);
    await Aws.s3().send(new PutObjectCommand({ Bucket: Bucket(), Key, Body, ChecksumSHA256: base64(Body) }));
  } else {
    if (waitingBytes > 0) await sendPart();
    await Aws.s3().send(
      new CompleteMultipartUploadCommand({ Bucket: Bucket(), Key, UploadId, MultipartUpload: { Parts: done } }),
    );
  }
  return { bytes, sha256: whole.digest("hex") };
}

export async function read(Key: string): Promise<Readable> {
  const { Body } = await Aws.s3().send(new GetObjectCommand({ Bucket: Bucket(), Key }));
  if (!Body) throw new Error(`${Key} came without a body`);
  return Body as Readable;
}

/** Reads a small file into memory. */
export async function readText(Key: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await read(Key)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** Yields every key below a prefix, sorted. */
export async function* keys(Prefix: string): AsyncIterable<string> {
  let ContinuationToken: string | undefined;
  do {
    const page = await Aws.s3().send(new ListObjectsV2Command({ Bucket: Bucket(), Prefix, ContinuationToken }));
    for (const { Key } of page.Contents ?? []) if (Key) yield Key;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
}
