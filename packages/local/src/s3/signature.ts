import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { S3Error } from "./error.ts";

/** The local cloud's only key pair; core's client factory signs with it. */
export const credentials = { accessKeyId: "local", secretAccessKey: "local-secret" };

const maxSkewMs = 15 * 60_000;
const week = 604_800;

export interface SignedRequest {
  method: string;
  /** Path as sent, still encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

/**
 * Checks an `Authorization` header or a presigned query. @throws S3Error when the signature does not match or has
 * expired
 */
export function verify(request: SignedRequest, now = Date.now()): void {
  if (request.query.has("X-Amz-Signature")) verifyQuery(request, now);
  else if (request.headers.authorization) verifyHeader(request, request.headers.authorization, now);
  else throw new S3Error("AccessDenied", "Access Denied");
}

function verifyHeader(request: SignedRequest, authorization: string, now: number): void {
  const fields = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
    authorization,
  );
  const [, credential = "", signedHeaders = "", signature = ""] = fields ?? [];
  if (!fields) throw new S3Error("AuthorizationHeaderMalformed", "The authorization header is malformed.");
  const date = String(request.headers["x-amz-date"] ?? "");
  if (Math.abs(timeOf(date) - now) > maxSkewMs) {
    throw new S3Error(
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    );
  }
  const payload = String(request.headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD");
  check(request, { credential, signedHeaders, date, payload, query: request.query }, signature);
}

function verifyQuery(request: SignedRequest, now: number): void {
  const get = (name: string) => request.query.get(name) ?? "";
  const date = get("X-Amz-Date");
  const seconds = Number(get("X-Amz-Expires"));
  const from = timeOf(date);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > week || Number.isNaN(from)) {
    throw new S3Error("AuthorizationQueryParametersError", "X-Amz-Date and X-Amz-Expires must be valid.");
  }
  if (from - now > maxSkewMs) throw new S3Error("AccessDenied", "Request is not valid yet");
  const query = new URLSearchParams(request.query);
  query.delete("X-Amz-Signature");
  const payload = get("X-Amz-Content-Sha256") || "UNSIGNED-PAYLOAD";
  check(
    request,
    { credential: get("X-Amz-Credential"), signedHeaders: get("X-Amz-SignedHeaders"), date, payload, query },
    get("X-Amz-Signature"),
  );
  if (now >= from + seconds * 1000) throw new S3Error("AccessDenied", "Request has expired");
}

interface Signing {
  credential: string;
  signedHeaders: string;
  date: string;
  payload: string;
  query: URLSearchParams;
}

function check(request: SignedRequest, signing: Signing, signature: string): void {
  const names = signing.signedHeaders.split(";");
  if (!names.includes("host"))
    throw new S3Error("AccessDenied", "There were headers present in the request which were not signed: host");
  const canonical = [
    request.method,
    request.path
      .split("/")
      .map((segment) => encode(decode(segment)))
      .join("/"),
    [...signing.query]
      .map(([name, value]) => [encode(name), encode(value)] as const)
      .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join("&"),
    ...names.map((name) => `${name}:${headerValue(request.headers[name])}`),
    "",
    signing.signedHeaders,
    signing.payload,
  ].join("\n");
  const scope = scopeOf(signing.credential);
  const toSign = [
    "AWS4-HMAC-SHA256",
    signing.date,
    scope.text,
    createHash("sha256").update(canonical).digest("hex"),
  ].join("\n");
  if (!sameText(createHmac("sha256", signingKey(scope)).update(toSign).digest("hex"), signature)) {
    throw new S3Error(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    );
  }
}

/** Checks the signature of a POST policy; the base64 text is what is signed. */
export function verifyPolicy(policy: string, credential: string, signature: string): void {
  const expected = createHmac("sha256", signingKey(scopeOf(credential)))
    .update(policy)
    .digest("hex");
  if (!sameText(expected, signature)) {
    throw new S3Error(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
  }
}

interface Scope {
  date: string;
  region: string;
  service: string;
  text: string;
}

function scopeOf(credential: string): Scope {
  const [accessKeyId = "", date = "", region = "", service = "", end] = credential.split("/");
  if (accessKeyId !== credentials.accessKeyId) {
    throw new S3Error("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  }
  if (end !== "aws4_request" || service !== "s3")
    throw new S3Error("AuthorizationHeaderMalformed", "The credential scope is not valid.");
  return { date, region, service, text: `${date}/${region}/${service}/aws4_request` };
}

const keys = new Map<string, Buffer>();

function signingKey(scope: Scope): Buffer {
  const known = keys.get(scope.text);
  if (known) return known;
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const day = hmac(`AWS4${credentials.secretAccessKey}`, scope.date);
  const key = hmac(hmac(hmac(day, scope.region), scope.service), "aws4_request");
  if (keys.size > 20) keys.clear();
  keys.set(scope.text, key);
  return key;
}

const headerValue = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value.join(",") : (value ?? "")).trim().replace(/ +/g, " ");

/** Parses `20250131T235959Z` to epoch ms; NaN when malformed. */
export function timeOf(date: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error("InvalidURI", "Couldn't parse the specified URI.");
  }
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
