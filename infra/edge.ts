import { edgeOnlyHeaders } from "../packages/core/src/kernel/edge/headers.ts";

// The code that the edge runs before everything else, in front of SST's routing. Pure, so that a test reads it as it is.

/** SST's own code and ours share CloudFront's 10 KB of a function: ours stays below this many characters. */
export const edgeBudget = 1_300;

/**
 * What is added to every request.
 *
 * - Headers that only the edge may write are deleted first: no client names its own address, request or cache key.
 * - The secret that says it came this way, the visitor's address, and the id by which logs find the request.
 * - A request with a cookie or a token is somebody's own: it gets a mark of its own, which is part of the cache key, so no
 *   answer is shared and no two such requests wait for one another.
 * - Any other may be answered from the cache. Part of its key is the edition of the host, which publishing and a new brand
 *   move on: what was kept of the former edition is not found again.
 */
export const edgeCode = (secret: string): string => `
var h = event.request.headers;
for (var n in h) if (${edgeOnlyHeaders}.test(n)) delete h[n];
h["x-lectern-edge"] = { value: "${secret}" };
h["x-lectern-ip"] = { value: event.viewer.ip };
h["x-request-id"] = { value: "req_" + event.context.requestId.replace(/\\W/g, "") };
if (h.authorization || Object.keys(event.request.cookies).length > 0) {
  h["x-lectern-seat"] = { value: event.context.requestId };
} else {
  try {
    h["x-lectern-edition"] = { value: await cf.kvs().get("edition:" + h.host.value.toLowerCase()) };
  } catch (e) {}
}`;

/** The headers that make a difference between two cached answers, besides path and query. Never a cookie. */
export const cacheKeyHeaders = ["x-forwarded-host", "x-lectern-seat", "x-lectern-edition"];
