let beforeLoading = (): void => {};

/** Registers what runs before a module loads. `kernel/db` calls it, to refuse loading inside an open transaction. */
export function onLoading(check: () => void): void {
  beforeLoading = check;
}

/**
 * Returns a loader for a module that most processes never need: `const parser = lazy(() => import("./parser.ts"))`. The
 * first call loads it, which takes a while on a cold machine, so it belongs before `Db.use`: Postgres ends a transaction
 * that idles for 5 s, and others wait for its locks.
 */
export function lazy<T>(load: () => Promise<T>): () => Promise<T> {
  let isLoaded = false;
  return async () => {
    if (!isLoaded) beforeLoading();
    const module = await load();
    isLoaded = true;
    return module;
  };
}
