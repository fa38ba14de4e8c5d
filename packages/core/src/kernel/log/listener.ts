// Shared by every copy of this module in the process: the built site carries one of its own.
const shared = globalThis as { lecternNotableLines?: Set<(line: string) => void> };
shared.lecternNotableLines ??= new Set();
const listeners = shared.lecternNotableLines;

/** Passes every line worth a look (errors, slow requests) to `listener`, unchanged. Returns a function that ends it. */
export function onNotableLine(listener: (line: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tellNotable(line: string): void {
  for (const listener of listeners) listener(line);
}
