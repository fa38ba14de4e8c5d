import { Readable } from "node:stream";
import { S3Client, type S3ClientConfig, S3ServiceException } from "@aws-sdk/client-s3";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Input, place, require } from "./guard.ts";
import { localCloud } from "./options.ts";
import { postWishes, s3Wishes } from "./wishes.ts";

// S3 and its signer. Loaded on first use, because most functions never touch a file.

export { createPresignedPost, getSignedUrl };

export const makeS3 = (options: S3ClientConfig): S3Client =>
  inPieces(
    new S3Client({
      ...options,
      forcePathStyle: localCloud() !== undefined,
      // s3rver does not know the newer checksum trailers.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    }),
  );

const pieceBytes = 256 * 1024;

/**
 * Sends a large body in pieces: one write that keeps a TLS connection busy for seconds would look silent to `onAws` and
 * be cut. Runs after signing and inside each attempt, so the body can be sent again.
 */
function inPieces(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = Object(args.request);
      if (!(request.body instanceof Uint8Array) || request.body.length <= pieceBytes) return next(args);
      const body = Readable.from(piecesOf(request.body), { objectMode: false });
      return next({
        ...args,
        request: Object.assign(Object.create(Object.getPrototypeOf(request)), request, { body }),
      });
    },
    { step: "deserialize", priority: "low", name: "inPieces" },
  );
  return client;
}

function* piecesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < body.length; from += pieceBytes) yield body.subarray(from, from + pieceBytes);
}

/** As S3 refuses. */
class S3Denied extends S3ServiceException {
  constructor(message: string) {
    super({ name: "AccessDenied", $fault: "client", message, $metadata: { httpStatusCode: 403 } });
  }
}

/** As `guardDynamodb`. A presigned address passes here too, when it is signed. */
export function guardS3(client: S3Client, schoolOf: () => string): S3Client {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      require(schoolOf(), s3Wishes(String(context.commandName), args.input as unknown as Input), S3Denied);
      return next(args);
    },
    place,
  );
  return client;
}

/** A presigned form is signed without a request: S3 asks for these rights when the form comes in. */
export const requirePost = (school: string, bucket: string, key: string, fields: Record<string, string>): void =>
  require(school, postWishes(bucket, key, fields), S3Denied);
