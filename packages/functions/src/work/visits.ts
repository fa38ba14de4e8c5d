import { Actor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { conditionHolds } from "@lectern/core/kernel/dynamo";
import { isDomainError } from "@lectern/core/kernel/error";
import { createId } from "@lectern/core/kernel/id";
import { VisitItem } from "../cron/round.entity.ts";
import type { VisitName } from "../cron/visits.list.ts";
import { reached } from "../event/steps.ts";
import type { VisitMessage } from "./message.ts";
import { purgeInbox } from "./visits/purge-inbox.ts";
import { purgeTokens } from "./visits/purge-tokens.ts";
import { reconcileCertificates } from "./visits/reconcile-certificates.ts";
import { sweepFiles } from "./visits/sweep-files.ts";

type Work = () => Promise<void>;

/** What each visit does in a school, as the system. It may be repeated, so each does its work once or harmlessly again. */
export const visits: Readonly<Record<VisitName, Work>> = {
  "reconcile-certificates": reconcileCertificates,
  "purge-inbox": purgeInbox,
  "purge-tokens": purgeTokens,
  "sweep-files": sweepFiles,
};

/**
 * Visits one school, unless its round has ended or the visit is done. A failed visit stays on the round's list and is
 * thrown.
 */
export async function visitSchool(
  { visit, schoolId, slot }: VisitMessage,
  works: Readonly<Record<string, Work>> = visits,
): Promise<void> {
  const work = works[visit];
  if (!work) throw new Error(`there is no visit ${visit}`);
  const { data: item } = await VisitItem().get({ visit, schoolId }).go({ consistent: true });
  if (item?.slot !== slot) return;
  const school = await Directory.readSchool(schoolId);
  if (school?.state === "active") {
    const actor = { type: "system", school, reason: visit, requestId: createId("request") } as const;
    await reached("visit: begin");
    try {
      await Actor.withActor(actor, work);
    } catch (error) {
      // A school that was suspended meanwhile is not visited.
      if (!isDomainError(error) || error.code !== "school.suspended") {
        const failed = VisitItem()
          .patch({ visit, schoolId })
          .set({ error: String(error).slice(0, 500) });
        await conditionHolds(failed.where((each, { eq }) => eq(each.slot, slot)).go());
        throw error;
      }
    }
    await reached("visit: end");
  }
  const done = VisitItem().delete({ visit, schoolId });
  await conditionHolds(done.where((each, { eq }) => eq(each.slot, slot)).go());
}
