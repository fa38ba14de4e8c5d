import autocannon from "autocannon";

export interface Target {
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly expects: string;
}

/** Returns requests per second; checks the status and body of every answer and throws when one is wrong. */
export async function requestsPerSecond(target: Target, { seconds = 4, connections = 16 } = {}): Promise<number> {
  const result = await load(target, { duration: seconds, connections });
  return result["2xx"] / result.duration;
}

/** Returns the processor milliseconds of one request by part, from `amount` requests over 8 connections. */
export async function cpuMsPerRequest<Part extends string>(
  target: Target,
  used: () => Record<Part, number>,
  amount = 400,
): Promise<Record<Part | "all", number>> {
  const before = used();
  await load(target, { amount, connections: 8 });
  const after = used();
  const spent = (Object.keys(after) as Part[]).map((part) => [part, (after[part] - before[part]) / amount] as const);
  const all = spent.reduce((sum, [, ms]) => sum + ms, 0);
  return Object.fromEntries([...spent, ["all", all] as const].map(([part, ms]) => [part, round(ms)])) as Record<
    Part | "all",
    number
  >;
}

async function load(
  target: Target,
  extent: Pick<autocannon.Options, "amount" | "duration" | "connections">,
): Promise<autocannon.Result> {
  const result = await autocannon({
    url: target.url,
    method: target.method ?? "GET",
    headers: target.headers,
    body: target.body,
    ...extent,
    verifyBody: (body) => String(body).includes(target.expects),
  });
  const wrong = result.non2xx + result.errors + result.timeouts + result.mismatches;
  if (wrong > 0 || result["2xx"] === 0) {
    throw new Error(
      `${target.url}: ${result.non2xx} not 2xx, ${result.errors} errors, ${result.timeouts} timeouts, ${result.mismatches} other bodies`,
    );
  }
  return result;
}

/** Returns medians of alternating rounds, so that a slow minute of the machine affects both sides. */
export async function alternating(
  ours: Target,
  baseline: Target,
  rounds = 3,
): Promise<{ ours: number; baseline: number }> {
  await requestsPerSecond(ours, { seconds: 2 });
  await requestsPerSecond(baseline, { seconds: 2 });
  const figures = { ours: [] as number[], baseline: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    figures.ours.push(await requestsPerSecond(ours));
    figures.baseline.push(await requestsPerSecond(baseline));
  }
  return { ours: median(figures.ours), baseline: median(figures.baseline) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
