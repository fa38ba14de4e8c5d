/** Returns the path of a browser for tests; undefined selects Playwright's own. Installs one if needed. */
export function findChromium(): string | undefined;
