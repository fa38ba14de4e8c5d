import { performance } from "node:perf_hooks";

export interface Sample {
  readonly step: string;
  readonly ms: number;
  readonly error?: string;
}

export type Step = (name: string, work: () => Promise<void>) => Promise<void>;
export interface Journey {
  readonly name: string;
  /** Share of arrivals, relative to the others. */
  readonly weight: number;
  readonly run: (step: Step) => Promise<void>;
}

export interface Plan {
  /** Journeys started per second, independent of answers. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Between 0 and 1; for tests. */
  readonly random?: () => number;
}

/**
 * Open model: arrivals do not wait for answers, so a slow service gets no relief. A fixed number of connections would
 * hide the queue. Latency counts from the planned arrival.
 */
export async function arrive(journeys: readonly Journey[], plan: Plan): Promise<Sample[]> {
  const random = plan.random ?? Math.random;
  const samples: Sample[] = [];
  const running: Promise<void>[] = [];
  const begin = performance.now();
  for (let due = 0; due < plan.seconds * 1_000; due += pause(random, plan.perSecond)) {
    const wait = begin + due - performance.now();
    if (wait > 0) await new Promise((later) => setTimeout(later, wait));
    running.push(walk(pick(journeys, random), begin + due, samples));
  }
  await Promise.all(running);
  return samples;
}

async function walk(journey: Journey, due: number, samples: Sample[]): Promise<void> {
  let from = due;
  try {
    await journey.run(async (name, work) => {
      const step = `${journey.name}: ${name}`;
      try {
        await work();
        samples.push({ step, ms: performance.now() - from });
      } catch (error) {
        samples.push({ step, ms: performance.now() - from, error: messageOf(error) });
        throw error;
      } finally {
        from = performance.now();
      }
    });
  } catch {
    // A journey ends at its first error, which is already counted.
  }
}

/** Time to the next arrival of a Poisson process. */
const pause = (random: () => number, perSecond: number): number => (-Math.log(1 - random()) / perSecond) * 1_000;

function pick(journeys: readonly Journey[], random: () => number): Journey {
  const total = journeys.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const journey of journeys) {
    left -= journey.weight;
    if (left < 0) return journey;
  }
  const last = journeys.at(-1);
  if (!last) throw new Error("there is no journey");
  return last;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
