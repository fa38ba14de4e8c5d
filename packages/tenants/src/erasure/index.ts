// Erasing a person, so that a restore does not bring them back.
import * as Identity from "@lectern/core/identity";
import { useSchool } from "@lectern/core/kernel/actor";
import { fn } from "@lectern/core/kernel/fn";
import { log } from "@lectern/core/kernel/log";
import * as z from "zod";
import { enter, listed } from "./list.ts";

export * as Erasure from "./index.ts";
export { listed } from "./list.ts";

/** The steps of an erasure, in order. Each may be cut short and done again. */
export const eraseSteps = ["listed", "unlisted", "rows", "items"] as const;
export type EraseStep = (typeof eraseSteps)[number];

/**
 * Erases a person from the actor's school, for good: rows, items, sessions, and out of every restore to come. The list is
 * written first, so one that is cut short is ended by the same call, or by the next restore. Dumps hold the person until they
 * are gone. DomainError not_found `user.not_found`, conflict `user.last_owner`.
 */
export const erase = fn.system(
  "the operator's command line only",
  z.object({ userId: z.string().max(64) }),
  ({ userId }) => eraseWith(userId),
);

/** As `erase`, telling after each step; tests kill the process there. */
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
 * Erases again who is on the list of the actor's school: after the whole database was restored, which brings people back
 * behind the back of this code. @returns who had come back
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
