/** Path of a browser for tests; undefined means Playwright's own. Installs one where none is found. */
export function findChromium(): string | undefined;
