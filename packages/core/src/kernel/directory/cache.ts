import { LRUCache } from "lru-cache";

export interface Cache<V> {
  get(name: string): Promise<V | undefined>;
  /** Forgets every entry the predicate names, and whatever is being read at this moment. */
  forget(matches: (name: string, value: V) => boolean): void;
}

/** How long a failed name is not looked up again: each lookup may take the whole timeout. */
const restMs = 1_000;

/**
 * Caches what `read` found for `ttlMs`, and for `staleMs` longer while reading fails. Concurrent callers share one
 * read. Never caches a miss, so a new entry is found at once, nor what `keeps` refuses, nor a result whose read began
 * before a `forget`.
 */
export function cache<V extends object>(
  ttlMs: number,
  read: (name: string) => Promise<V | undefined>,
  { keeps = () => true, staleMs = 0 }: { readonly keeps?: (value: V) => boolean; readonly staleMs?: number } = {},
): Cache<V> {
  const known = new LRUCache<string, { readonly value: V; readonly readAt: number; restsUntil: number }>({
    // Room for all of them is taken at once, at every cold start.
    max: 2_000,
  });
  let reading = new Map<string, Promise<V | undefined>>();

  return {
    get(name) {
      const old = known.get(name);
      const now = Date.now();
      if (old && (now - old.readAt < ttlMs || now < old.restsUntil)) return Promise.resolve(old.value);
      const shared = reading.get(name);
      if (shared) return shared;
      const flights = reading;
      const flight = read(name)
        .then((found) => {
          if (flights !== reading) return found;
          if (found && keeps(found)) known.set(name, { value: found, readAt: Date.now(), restsUntil: 0 });
          else known.delete(name);
          return found;
        })
        .catch((error: unknown) => {
          // Looked up again: it may have been forgotten meanwhile, or be too old by now.
          const stale = flights === reading ? known.get(name) : undefined;
          if (!stale || Date.now() - stale.readAt >= ttlMs + staleMs) throw error;
          stale.restsUntil = Date.now() + restMs;
          return stale.value;
        })
        .finally(() => flights.delete(name));
      flights.set(name, flight);
      return flight;
    },
    forget(matches) {
      reading = new Map();
      for (const [name, { value }] of known.entries()) if (matches(name, value)) known.delete(name);
    },
  };
}
