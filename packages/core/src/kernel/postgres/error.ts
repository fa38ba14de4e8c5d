import { DomainError } from "../error/index.ts";
import { unavailable } from "./pool.ts";

/**
 * Returns the Postgres or client error code of an exception, also when drizzle wraps it. Undefined when there is none.
 */
export function codeOf(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if ("code" in at && typeof at.code === "string" && !(at instanceof DomainError)) return at.code;
  return undefined;
}

/** The name of the violated constraint or unique index, where the error is a violation. */
export function constraintOf(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if ("constraint_name" in at && typeof at.constraint_name === "string") return at.constraint_name;
  return undefined;
}

/** Is it a broken unique constraint (`name`, where given)? For inserts that race. */
export const isUniqueViolation = (error: unknown, name?: string): boolean =>
  codeOf(error) === "23505" && (name === undefined || constraintOf(error) === name);

const lostCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "25P03", // idle in transaction for too long: the server has hung up
  "57P01", // the server is stopping
  "57P02", // a backend crashed
  "57P03", // the server is starting
  "57P05",
  "53300", // too many connections
]);

export const isConnectionLost = (error: unknown): boolean => {
  const code = codeOf(error);
  return code !== undefined && (lostCodes.has(code) || code.startsWith("08"));
};

/**
 * Maps database trouble to a refusal with a retry delay, and a reference to a row removed at the same moment to a
 * conflict. Returns everything else unchanged, other violated constraints included.
 */
export function translate(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  if (isConnectionLost(error)) return withCause(unavailable(), error);
  if (code === "57014")
    return withCause(refusal("database.timeout", "That took too long. Please try again.", 5), error);
  if (code === "55P03" || code === "40001" || code === "40P01")
    return withCause(refusal("database.conflict", "Someone changed the same thing. Please try again.", 1), error);
  if (code === "23503") {
    const message = "What this belongs to has just been removed.";
    return withCause(new DomainError("conflict", "database.reference_gone", message), error);
  }
  return error;
}

const refusal = (code: string, message: string, after: number): DomainError =>
  new DomainError("unavailable", code, message, undefined, after);

export const withCause = <E extends Error>(error: E, cause: unknown): E => Object.assign(error, { cause });
