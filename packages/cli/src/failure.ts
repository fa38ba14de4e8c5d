import { DomainError } from "@lectern/core/kernel/error";

export interface Failure {
  readonly kind: "refused" | "usage" | "bug";
  readonly code: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  readonly stack?: string | undefined;
  readonly help?: string;
}

/** Wrong usage of a command; the program exits with 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(
    message: string,
    readonly command = "lectern",
  ) {
    super(message);
  }
}

export function toFailure(error: unknown): Failure {
  if (error instanceof UsageError) {
    return { kind: "usage", code: "cli.usage", message: error.message, help: `${error.command} --help` };
  }
  if (error instanceof DomainError) {
    return { kind: "refused", code: error.code, message: error.message, fields: error.fields };
  }
  // The site's build contains a second copy of core, so `instanceof DomainError` misses its refusals.
  if (error instanceof Error && error.name === "DomainError" && "code" in error) {
    return { kind: "refused", code: String(error.code), message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "bug", code: "internal", message, stack: error instanceof Error ? stackOf(error) : undefined };
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

/** Turns a library's message into a sentence. */
export const sentence = (text: string): string => {
  const line = text.trim();
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?)]$/.test(line) ? "" : "."}`;
};

const codes = { refused: 1, usage: 2, bug: 3 } as const;
/** Returns 0 for success, 1 for a refusal, 2 for wrong usage, 3 for a bug. */
export const exitCodeOf = (failure: Failure): number => codes[failure.kind];
