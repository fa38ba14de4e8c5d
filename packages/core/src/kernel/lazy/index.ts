let beforeLoading = (): void => {};

/** Registers what runs before a module loads. `kernel/db` calls it, to refuse loading inside an open transaction. */
export function onLoading(check: () => void): void {
  beforeLoading = check;
}

/**
 * Returns a loader for a rarely needed module: `const parser = lazy(() => import("./parser.ts"))`. Call it before
 * `Db.use`: loading is slow on a cold machine, and Postgres ends a transaction that idles for 5 s.
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
