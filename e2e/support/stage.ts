export interface Stage {
  readonly url: string;
  readonly mailUrl: string;
  readonly localKey: string;
}

const variable = "LECTERN_E2E";

export function setStage(stage: Stage): void {
  process.env[variable] = JSON.stringify(stage);
}

export const stage = (): Stage => JSON.parse(process.env[variable] ?? "{}") as Stage;

export const platform = (path = "/"): string => `${stage().url}${path}`;

export const authHost = (path = "/"): string => `http://auth.${new URL(stage().url).host}${path}`;

/**
 * The header that exempts tests from the rate limit per visitor. Test browsers reach only this machine
 * (playwright.config.ts), so the key cannot leak.
 */
export const localHeader = (name: string): Record<string, string> => ({
  "x-lectern-local": `${stage().localKey}:${name}`,
});
