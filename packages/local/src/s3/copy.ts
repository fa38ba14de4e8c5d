import type { IncomingMessage } from "node:http";
import { S3Error } from "./error.ts";
import type { ObjectStore } from "./objects.ts";

/**
 * Adapts a copy request for s3rver, which leaves `%2B` encoded and ignores the source's version. @throws S3Error when
 * the source has another version
 */
export function normaliseCopy(store: ObjectStore, request: IncomingMessage): void {
  const header = request.headers["x-amz-copy-source"];
  if (request.method !== "PUT" || typeof header !== "string") return;
  const source = decodeURIComponent(header.replace(/^\//, "").replace(/\?versionId=.*$/, ""));
  const slash = source.indexOf("/");
  const etag = store.etagOf(source.slice(0, slash), source.slice(slash + 1));
  const wanted = request.headers["x-amz-copy-source-if-match"];
  if (etag !== undefined && typeof wanted === "string" && wanted.replaceAll('"', "") !== etag)
    throw new S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold.");
  request.headers["x-amz-copy-source"] = encodeURI(source);
}
