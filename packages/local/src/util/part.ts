export interface Part {
  name: string;
  /** What clients connect to: a URL or `host:port`. */
  address: string;
  ms: number;
  /** Stops it and waits for its end; further calls do nothing. */
  stop(): Promise<void>;
}

/** A failure with one sentence for the developer: what is wrong and what to do. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Returns the rounded milliseconds since `begin` (`performance.now()`). */
export function since(begin: number): number {
  return Math.round(performance.now() - begin);
}

/** Returns the text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
