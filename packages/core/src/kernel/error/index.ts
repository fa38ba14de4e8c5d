/**
 * A refusal the caller may see. `message` is safe to show, `code` is part of the API and never changes meaning,
 * `fields` maps an input path to its own message. Any other exception is a bug and becomes a 500.
 */
export class DomainError extends Error {
  override readonly name = "DomainError";
  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    readonly fields?: Readonly<Record<string, string>>,
    /** Seconds until a retry makes sense; becomes the Retry-After header. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}

/** One table maps a refusal to its HTTP status, for the API and the web alike. */
const statuses = {
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  stale: 412,
  too_large: 413,
  rate_limited: 429,
  suspended: 503,
  unavailable: 503,
} as const;

export type ErrorKind = keyof typeof statuses;

export const statusOf = (kind: ErrorKind): number => statuses[kind];

export const isDomainError = (error: unknown): error is DomainError => error instanceof DomainError;

/** Codes that say a dependency is unavailable or overloaded, not that our request was wrong. */
const awayCodes = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ECONNABORTED"],
  ...["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_SOCKET"],
]);
const awayNames = new Set([
  ...["TimeoutError", "ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"],
  ...["InternalServerError", "ServiceUnavailable", "SlowDown"],
]);

/**
 * Maps an exception to a `DomainError`: domain errors pass through, connection failures become `unavailable`, also
 * where clients wrapped them. Returns undefined for a bug.
 */
export function refusalIn(error: unknown): DomainError | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
    if (isDomainError(at)) return at;
    if (isAway(at))
      return Object.assign(
        new DomainError("unavailable", "service.unavailable", "Please try again in a moment.", undefined, 1),
        { cause: error },
      );
  }
  return undefined;
}

function isAway(error: Error): boolean {
  const { code, $fault } = error as Error & { readonly code?: unknown; readonly $fault?: unknown };
  return (typeof code === "string" && awayCodes.has(code)) || awayNames.has(error.name) || $fault === "server";
}
