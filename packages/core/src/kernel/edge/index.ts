import { createHash, timingSafeEqual } from "node:crypto";
import { Resource } from "sst";
import { beforeFreeze } from "../event/nudge.ts";
import { edgeOnlyHeaders } from "./headers.ts";

export { edgeOnlyHeaders } from "./headers.ts";
export { networkOf } from "./network.ts";

// Our functions have public addresses, so a caller could bypass the edge with its firewall, its rate limits and the
// host it vouches for. Requests through the edge carry a secret; all others are refused.

/** The header that only the edge knows the value of. */
export const header = "x-lectern-edge";
/** The visitor's address as the edge saw it. */
const visitorHeader = "x-lectern-ip";
/** The edge marks requests that are somebody's own (cookies, a token): they pass its cache by. */
export const ownHeader = "x-lectern-seat";
/** Of what only the edge may write, what functions need. The address is handed on as `x-forwarded-for`. */
const handedOn = new Set(["x-forwarded-host", "x-request-id", ownHeader]);
const isKept = (name: string): boolean => handedOn.has(name) || !edgeOnlyHeaders.test(name);

/** Only digests are given to functions: who reads a function's configuration learns no value that opens the door. */
export const digest = (value: string): string => createHash("sha256").update(value).digest("hex");

/** Does this header value come from our edge? Accepts two values, so that one can be rotated while both are in use. */
export function isKnown(value: string | undefined | null): boolean {
  if (!value) return false;
  const given = Buffer.from(digest(value));
  return Resource.Edge.accepted.some((known) => {
    const expected = Buffer.from(known);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}

/** The part of a function URL's or HTTP API's event that the door reads; header names are in lower case. */
interface Event {
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/**
 * Wraps a handler to serve requests through the edge and refuse all others with 403. Sets the forwarded address to the
 * one the edge saw, and removes headers that only the edge may write unless functions need them.
 */
export const behind =
  <E extends object, Rest extends readonly unknown[], Result>(
    handler: (event: E, ...rest: Rest) => Promise<Result> | Result,
  ) =>
  async (event: E, ...rest: Rest): Promise<Result | Refusal> => {
    const { headers = {} } = event as Event;
    if (!isKnown(headers[header])) return refusal;
    const visitor = headers[visitorHeader];
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => isKept(name)));
    const admitted = { ...event, headers: visitor ? { ...kept, "x-forwarded-for": visitor } : kept };
    return beforeFreeze(() => handler(admitted, ...rest));
  };

/** As `behind` for a web request: returns its headers, or undefined when it did not come through the edge. */
export function admit(headers: Headers): Headers | undefined {
  if (!isKnown(headers.get(header))) return undefined;
  const kept = new Headers([...headers].filter(([name]) => isKept(name)));
  const visitor = headers.get(visitorHeader);
  if (visitor) kept.set("x-forwarded-for", visitor);
  return kept;
}

interface Refusal {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const refusal: Refusal = {
  statusCode: 403,
  headers: { "content-type": "application/problem+json", "cache-control": "private, no-store" },
  body: JSON.stringify({ status: 403, code: "edge.required", title: "Please use the public address of this site." }),
};

export * as Edge from "./index.ts";
