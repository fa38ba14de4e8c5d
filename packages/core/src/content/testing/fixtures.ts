import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const here = join(import.meta.dirname, "../fixtures");

/** A package that is always there. */
export const fixture = (name: string): string => join(here, name);

const shared = resolve(import.meta.dirname, "../../../../../../shared/fixtures");

/** Returns a package next to the repository, or undefined on machines without it. */
export const sharedFixture = (name: string): string | undefined => {
  const path = join(shared, name);
  return existsSync(path) ? path : undefined;
};

/** For `test.skipIf`, with the reason in the test's name. */
export const without = (name: string): boolean => sharedFixture(name) === undefined;
