import { DomainError } from "@lectern/core/kernel/error";

export interface Failure {
  readonly kind: "refused" | "usage" | "bug";
  readonly code: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, string>> | undefined;
  /** Of a bug, for the terminal only. */
  readonly stack?: string | undefined;
  /** Of wrong usage: which command's help says more. */
  readonly help?: string;
}

/** The command was given wrongly: exit 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  constructor(
    message: string,
    /** The command whose help says more. */
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
  // A DomainError of a second copy of core (the site's build has its own) is a refusal all the same.
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

/** What a library says, as we say it. */
export const sentence = (text: string): string => {
  const line = text.trim();
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?)]$/.test(line) ? "" : "."}`;
};

const codes = { refused: 1, usage: 2, bug: 3 } as const;
/** 0 done, 1 refused, 2 usage, 3 bug. */
export const exitCodeOf = (failure: Failure): number => codes[failure.kind];
