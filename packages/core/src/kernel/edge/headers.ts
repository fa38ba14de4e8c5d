// Pure: infra/edge.ts builds the edge's function from this list, and the local front reads it too.

/**
 * Headers that only the edge may write: who the visitor is, which host and request it is, what may be cached. Both fronts
 * delete a client's own. `x-lectern-signature` and `x-lectern-local` are not among them: each proves itself. Nor are the
 * visitor's latitude and longitude, which CloudFront writes before the function runs and SST's routing reads after it: they
 * choose the region that answers, and nothing else.
 */
export const edgeOnlyHeaders =
  /^(cloudfront-(?!viewer-l(at|ong)itude$)|x-forwarded-|x-original-|forwarded$|true-client-ip$|x-(client-ip|real-ip|request-id|foreign-origin|rewrite-url)$|x-lectern-(edge|ip|seat|edition)$)/;
