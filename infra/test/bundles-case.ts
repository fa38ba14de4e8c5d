import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Launched, Unpacked } from "./bundles.ts";
import type { Deed } from "./bundles-deeds.ts";
import type { Town } from "./bundles-town.ts";
import { batchOf, onBus } from "./events/index.ts";

/** What a function's bundle is called with, and what must be there afterwards. */
export interface Case {
  /** Resources and variables that this function has and the local cloud does not give. */
  readonly prepare?: (town: Town) => Promise<Prepared>;
  readonly run: (town: Town, fn: Running) => Promise<void>;
}

export interface Prepared {
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly stop?: () => Promise<void>;
}

/** A function from its zip. */
export interface Running extends Pick<Launched, "invoke"> {
  readonly unpacked: Unpacked;
  /** Another process of it: a second cold start. */
  another(): Promise<Launched>;
}

/**
 * A reaction: its event and a message that is none come in one batch. The good one is done, the other is answered as failed
 * by its own id; and when the event comes again, everything is as it was.
 */
export const reaction = ({ queue, type, tell }: Deed, shows: (town: Town) => Promise<void>): Case => ({
  async run(town, fn) {
    await tell(town);
    const body = onBus(await town.told(type));
    const [good, poisoned] = [randomUUID(), randomUUID()];
    const batch = batchOf(queue, [
      { id: poisoned, body: '{"detail-type": "nothing that' },
      { id: good, body },
    ]);
    expect(await fn.invoke(batch)).toEqual({ batchItemFailures: [{ itemIdentifier: poisoned }] });
    await shows(town);
    expect(await fn.invoke(batchOf(queue, [{ id: randomUUID(), body }]))).toEqual({ batchItemFailures: [] });
    await shows(town);
  },
});
