export interface Smoke {
  readonly name: string;
  readonly url: string;
  readonly expects: RegExp;
}

/** Returns the requests that must succeed after a deployment, before the pipeline continues. */
export const smokes = (origin: string, school: string): Smoke[] => {
  const at = (label: string, path: string) => origin.replace("://", label ? `://${label}.` : "://") + path;
  return [
    { name: "platform", url: at("", "/"), expects: /<h1/i },
    { name: "school", url: at(school, "/"), expects: /<h1/i },
    { name: "catalog", url: at(school, "/courses"), expects: /<h1/i },
    { name: "API", url: at("", "/health/ready"), expects: /"status":"ready"/ },
    { name: "OpenAPI", url: at(school, "/api/v1/openapi.json"), expects: /"openapi":"3\.1/ },
    { name: "sign-in keys", url: at("auth", "/.well-known/jwks.json"), expects: /"keys"/ },
  ];
};

/** Polls until the answer is as expected, because the edge takes time to update; returns the reason for a failure. */
export async function failing(smoke: Smoke, { seconds = 120, pauseMs = 3_000 } = {}): Promise<string | undefined> {
  const until = Date.now() + seconds * 1_000;
  for (;;) {
    const reason = await ask(smoke);
    if (!reason || Date.now() + pauseMs > until) return reason && `${smoke.name}: ${reason} (${smoke.url})`;
    await new Promise((later) => setTimeout(later, pauseMs));
  }
}

async function ask({ url, expects }: Smoke): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const body = await response.text();
    if (response.status !== 200) return `status ${response.status}`;
    return expects.test(body) ? undefined : "another body than expected";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
