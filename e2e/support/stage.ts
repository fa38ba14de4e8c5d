/** Where the journeys' local cloud answers; written by the global setup, read in every worker. */
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

/** An address of the platform's own site. */
export const platform = (path = "/"): string => `${stage().url}${path}`;

/** An address of the sign-in host. */
export const authHost = (path = "/"): string => `http://auth.${new URL(stage().url).host}${path}`;

/**
 * Says that a request comes from a test, so that all journeys of one machine are not counted as one visitor. Browsers of
 * the journeys reach nothing but this machine (playwright.config.ts), so nobody else hears the key.
 */
export const localHeader = (name: string): Record<string, string> => ({
  "x-lectern-local": `${stage().localKey}:${name}`,
});
