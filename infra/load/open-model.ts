import { performance } from "node:perf_hooks";

/** One request of a journey, as it went. */
export interface Sample {
  readonly step: string;
  /** From the moment the journey wanted it, not from when the machine got round to it. */
  readonly ms: number;
  readonly error?: string;
}

export type Step = (name: string, work: () => Promise<void>) => Promise<void>;
export interface Journey {
  readonly name: string;
  /** Its share of arrivals, against the others'. */
  readonly weight: number;
  readonly run: (step: Step) => Promise<void>;
}

export interface Plan {
  /** Journeys that begin per second, whatever the answers do. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Between 0 and 1; for a test. */
  readonly random?: () => number;
}

/**
 * Open model: people arrive when they arrive. A service that slows down gets no relief from it, unlike under a fixed number of
 * connections, which wait for each other and hide the queue. A late arrival counts from when it was due.
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
    // A journey ends at its first error, which is counted already.
  }
}

/** The time to the next arrival of a Poisson process. */
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
