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

// The backups bucket. Who dumps may put and do nothing else there; who restores reads. Its object lock keeps every version
// for its time and takes no file without a checksum.

/** S3 wants at least 5 MB a part and takes 10,000: files of up to 80 GB, of which one part is in memory. */
const partBytes = 8 * 1024 * 1024;

export interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

const Bucket = (): string => Resource.BackupsBucket.name;
const base64 = (part: Buffer): string => createHash("sha256").update(part).digest("base64");

/** Writes a file as it comes. What is cut short was never there; the bucket forgets its parts after a day. */
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

/** A file as it arrives. */
export async function read(Key: string): Promise<Readable> {
  const { Body } = await Aws.s3().send(new GetObjectCommand({ Bucket: Bucket(), Key }));
  if (!Body) throw new Error(`${Key} came without a body`);
  return Body as Readable;
}

/** A file that is known to be small. */
export async function readText(Key: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await read(Key)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

/** Every key below a prefix, in order. */
export async function* keys(Prefix: string): AsyncIterable<string> {
  let ContinuationToken: string | undefined;
  do {
    const page = await Aws.s3().send(new ListObjectsV2Command({ Bucket: Bucket(), Prefix, ContinuationToken }));
    for (const { Key } of page.Contents ?? []) if (Key) yield Key;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
}
