import { LRUCache } from "lru-cache";

export interface Cache<V> {
  get(name: string): Promise<V | undefined>;
  /** Forgets every entry the predicate names, and whatever is being read at this moment. */
  forget(matches: (name: string, value: V) => boolean): void;
}

/**
 * Remembers what `read` found for `ttlMs`. Callers who ask for the same name at once share one read. A miss is never
 * remembered, so what has just been made is found at once, nor what `keeps` turns down, nor an answer whose reading began before a `forget`.
 */
export function cache<V extends object>(
  ttlMs: number,
  read: (name: string) => Promise<V | undefined>,
  keeps: (value: V) => boolean = () => true,
): Cache<V> {
  const known = new LRUCache<string, V>({ max: 10_000, ttl: ttlMs });
  let reading = new Map<string, Promise<V | undefined>>();

  return {
    get(name) {
      const value = known.get(name);
      if (value) return Promise.resolve(value);
      const shared = reading.get(name);
      if (shared) return shared;
      const flights = reading;
      const flight = read(name)
        .then((found) => {
          if (found && keeps(found) && flights === reading) known.set(name, found);
          return found;
        })
        .finally(() => flights.delete(name));
      flights.set(name, flight);
      return flight;
    },
    forget(matches) {
      reading = new Map();
      for (const [name, value] of known.entries()) if (matches(name, value)) known.delete(name);
    },
  };
}
