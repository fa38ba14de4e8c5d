/** One running piece of the local cloud. */
export interface Part {
  name: string;
  /** What a person or a client connects to: a URL or `host:port`. */
  address: string;
  /** Milliseconds from the call of `start` until it answered. */
  ms: number;
  /** Stops it and waits until it is gone. Calling it twice does no harm. */
  stop(): Promise<void>;
}

/** A failure with one sentence for the person at the keyboard: what is wrong and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Milliseconds since `begin` (a `performance.now()` value), rounded. */
export function since(begin: number): number {
  return Math.round(performance.now() - begin);
}

/** The text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`, `EADDRINUSE`), when there is one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
