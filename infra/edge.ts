import { edgeOnlyHeaders } from "../packages/core/src/kernel/edge/headers.ts";

// The code that the edge runs before SST's routing. Pure, so that tests can run it.

/** CloudFront limits a function to 10 KB, shared by SST's code and ours. */
export const edgeBudget = 1_300;

/**
 * The code added to every request. It:
 * - deletes headers that only the edge may set, so that clients cannot forge an address, request id or cache key;
 * - sets the edge's secret, the visitor's address and the request id for logs;
 * - gives each request with a cookie or a token a unique cache key, so that no answer is shared and no such requests
 * wait for each other;
 * - adds the host's edition to the key of all others; publishing and brand changes increase it, which invalidates older
 * answers.
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

/** Headers that are part of the cache key besides path and query. Never a cookie. */
export const cacheKeyHeaders = ["x-forwarded-host", "x-lectern-seat", "x-lectern-edition"];
