import { createRequire } from "node:module";

interface S3ErrorClass {
  new (
    code: string,
    message: string,
    detail?: Record<string, string | number>,
  ): Error & {
    code: string;
    status: number;
    toXML(): string;
  };
}

/** s3rver's own error class, which becomes S3's XML answer. */
export const S3Error: S3ErrorClass = createRequire(import.meta.url)("s3rver/lib/models/error.js");
