import { performance } from "node:perf_hooks";
import { Metric } from "@lectern/core/kernel/metric";
import { Url } from "@lectern/core/kernel/url";

// Walks the site once a minute as a stranger does, from outside and through the edge. infra/canary.ts has an alarm for each
// check; one that throws, hangs or does not run at all is as good as one that fails.

interface Check {
  readonly name: "apex" | "school" | "sign-in" | "api";
  readonly address: () => string;
  /** What the answer must hold: an error page with status 200 is none. */
  readonly expects: RegExp;
}

const timeoutMs = 8_000;

const checks = (slug: string): readonly Check[] => [
  { name: "apex", address: () => Url.platformUrl("/"), expects: /<h1/i },
  { name: "school", address: () => Url.schoolUrl({ slug }), expects: /<h1/i },
  // The school sends the visitor to the sign-in host, which shows its form: pages, sign-in, directory and tables at once.
  { name: "sign-in", address: () => Url.schoolUrl({ slug }, "/auth/sign-in"), expects: /<input[^<>]+name="password"/i },
  { name: "api", address: () => Url.platformUrl("/health/ready"), expects: /"status":"ready"/ },
];

/** Asks everything once, side by side. */
export const handler = async (): Promise<void> => {
  await Promise.all(checks(process.env.LECTERN_CANARY_SCHOOL ?? "canary").map(walk));
};

async function walk({ name, address, expects }: Check): Promise<void> {
  const from = performance.now();
  let isOk = false;
  try {
    const response = await fetch(address(), {
      // A new connection each time, as a stranger has: one kept from the minute before would be dead when Lambda wakes up.
      headers: { "user-agent": "lectern-canary", connection: "close" },
      signal: AbortSignal.timeout(timeoutMs),
    });
    isOk = response.status === 200 && expects.test(await response.text());
  } catch {
    // Nobody answered, or not in time: that is what is measured.
  }
  Metric.canary({ check: name, ms: performance.now() - from, isOk });
}
