import { performance } from "node:perf_hooks";
import { Db } from "../../kernel/db/index.ts";
import { CellItem } from "../../kernel/directory/index.ts";
import { log } from "../../kernel/log/index.ts";

/** One dependency of school work. */
export interface Part {
  /** "postgres:<cell>", "dynamodb", "s3", "sqs", "eventbridge", "ses". */
  readonly name: string;
  readonly ok: boolean;
  /** Milliseconds until it answered, or until it was given up. */
  readonly ms: number;
  /** "timeout" or "unreachable"; what exactly is in the log, never in an answer. */
  readonly reason?: "timeout" | "unreachable";
}

/** A slower part counts as down: a page cannot wait longer. */
const timeoutMs = 2_000;

/** Asks every part for a sign of life, all at once. Never throws. */
export async function parts(): Promise<readonly Part[]> {
  // Every service's client: loaded when somebody asks, which seldom happens.
  const { probes } = await import("./probes.ts");
  const fixed = Object.entries(probes).map(([name, ask]) => probe(name, ask));
  return [...(await databases()), ...(await Promise.all(fixed))];
}

/** Every cell's database. Without the directory the cells are unknown. */
async function databases(): Promise<readonly Part[]> {
  let ids: readonly string[];
  const begin = performance.now();
  try {
    const { data } = await within(CellItem().query.all({}).go({ pages: "all" }));
    ids = data.map(({ cellId }) => cellId);
  } catch (error) {
    return [down("postgres", begin, error)];
  }
  return Promise.all(ids.map((cellId) => probe(`postgres:${cellId}`, () => Db.ping(cellId, timeoutMs))));
}

async function probe(name: string, ask: (signal: { abortSignal: AbortSignal }) => Promise<unknown>): Promise<Part> {
  const begin = performance.now();
  try {
    await within(ask({ abortSignal: AbortSignal.timeout(timeoutMs) }));
    return { name, ok: true, ms: since(begin) };
  } catch (error) {
    return down(name, begin, error);
  }
}

function down(name: string, begin: number, error: unknown): Part {
  log.error({ err: error, part: name }, "part is down");
  const isSlow = error instanceof Error && /timeout|abort/i.test(error.name);
  return { name, ok: false, ms: since(begin), reason: isSlow ? "timeout" : "unreachable" };
}

class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** Some clients go on trying after their signal; the one who waits does not. */
function within<T>(work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimeoutError("no answer in time")), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

const since = (begin: number): number => Math.round((performance.now() - begin) * 10) / 10;

export * as Observe from "./index.ts";
export { OpenMetrics } from "./openmetrics.ts";
