import { performance } from "node:perf_hooks";
import { Metric } from "@lectern/core/kernel/metric";
import { Url } from "@lectern/core/kernel/url";

// Visits the site every minute as a stranger, from outside through the edge. infra/canary.ts has an alarm for each
// check, which also fires when a check throws, hangs or does not run.

interface Check {
  readonly name: "apex" | "school" | "sign-in" | "api";
  readonly address: () => string;
  /** The response must match: an error page with status 200 does not count. */
  readonly expects: RegExp;
}

const timeoutMs = 8_000;

const checks = (slug: string): readonly Check[] => [
  { name: "apex", address: () => Url.platformUrl("/"), expects: /<h1/i },
  { name: "school", address: () => Url.schoolUrl({ slug }), expects: /<h1/i },
  // The school redirects to the sign-in host's form, which tests pages, sign-in, directory and tables at once.
  { name: "sign-in", address: () => Url.schoolUrl({ slug }, "/auth/sign-in"), expects: /<input[^<>]+name="password"/i },
  { name: "api", address: () => Url.platformUrl("/health/ready"), expects: /"status":"ready"/ },
];

/** Runs all checks in parallel. */
export const handler = async (): Promise<void> => {
  await Promise.all(checks(process.env.LECTERN_CANARY_SCHOOL ?? "canary").map(walk));
};

async function walk({ name, address, expects }: Check): Promise<void> {
  const from = performance.now();
  let isOk = false;
  try {
    const response = await fetch(address(), {
      // A new connection each time: one kept from the last run would be dead when Lambda resumes.
      headers: { "user-agent": "lectern-canary", connection: "close" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    isOk = response.status === 200 && expects.test(await response.text());
  } catch {
    // No answer in time counts as a failed check.
  }
  Metric.canary({ check: name, ms: performance.now() - from, isOk });
}
