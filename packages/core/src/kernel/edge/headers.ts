// Pure: infra/edge.ts builds the edge's function from this list, and the local front reads it too.

/**
 * Headers that only the edge may write: the visitor, the host, the request id, cacheability. Both fronts delete a
 * client's own. Excludes `x-lectern-signature` and `x-lectern-local`, which prove themselves, and the visitor's
 * latitude and longitude, which CloudFront writes and SST's routing uses only to choose a region.
 */
export const edgeOnlyHeaders =
  /^(cloudfront-(?!viewer-l(at|ong)itude$)|x-forwarded-|x-original-|forwarded$|true-client-ip$|x-(client-ip|real-ip|request-id|foreign-origin|rewrite-url)$|x-lectern-(edge|ip|seat|edition)$)/;
