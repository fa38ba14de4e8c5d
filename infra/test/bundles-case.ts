import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { Launched, Unpacked } from "./bundles.ts";
import type { Deed } from "./bundles-deeds.ts";
import type { Town } from "./bundles-town.ts";
import { batchOf, onBus } from "./events/index.ts";

export interface Case {
  /** Resources and variables that the local cloud does not provide. */
  readonly prepare?: (town: Town) => Promise<Prepared>;
  readonly run: (town: Town, fn: Running) => Promise<void>;
}

export interface Prepared {
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly stop?: () => Promise<void>;
}

export interface Running extends Pick<Launched, "invoke"> {
  readonly unpacked: Unpacked;
  another(): Promise<Launched>;
}

/**
 * A reaction receives its event and an invalid message in one batch: it handles the event, reports the other as failed,
 * and repeating the event changes nothing.
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
