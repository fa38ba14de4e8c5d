// Erases a person so that no restore brings them back.

import { useSchool } from "@lectern/core/kernel/actor";
import { fn } from "@lectern/core/kernel/fn";
import { log } from "@lectern/core/kernel/log";
import * as Identity from "@lectern/core/people/identity";
import * as z from "zod";
import { enter, listed } from "./list.ts";

export * as Erasure from "./index.ts";
export { listed } from "./list.ts";

/** The steps of an erasure, in order. Each may be cut short and done again. */
export const eraseSteps = ["listed", "unlisted", "rows", "items"] as const;
export type EraseStep = (typeof eraseSteps)[number];

/**
 * Erases a person from the actor's school: rows, items, sessions, and from future restores. It writes the list first,
 * so the same call or the next restore completes an interrupted erasure. Dumps hold the person until they expire.
 * @throws user.not_found, user.last_owner
 */
export const erase = fn.system(
  "the operator's command line only",
  z.object({ userId: z.string().max(64) }),
  ({ userId }) => eraseWith(userId),
);

/** Like `erase`, with a callback after each step; tests kill the process there. */
export async function eraseWith(
  userId: string,
  onStep: (step: EraseStep) => void | Promise<void> = () => {},
): Promise<{ userId: string }> {
  const { schoolId } = useSchool();
  const onAllowed = async () => {
    await enter(schoolId, userId);
    await onStep("listed");
  };
  const isBegun = (await listed(schoolId)).includes(userId);
  await Identity.erase({ userId, isBegun, listeners: { onAllowed, onStep } });
  log.info({ schoolId, userId }, "a person was erased");
  return { userId };
}

/**
 * Repeats the listed erasures of the actor's school, after a restore of the whole database.
 * @returns people who had reappeared
 */
export const again = fn.system(
  "the operator's command line only",
  z.object({}).prefault({}),
  async (): Promise<{ erased: string[] }> => {
    const erased: string[] = [];
    for (const userId of await listed(useSchool().schoolId))
      if (await Identity.erase({ userId, isBegun: true })) erased.push(userId);
    return { erased };
  },
);
