import { Metric } from "@lectern/core/kernel/metric";
import * as Domain from "@lectern/tenants/domain";
import { cron, minute } from "../cron.ts";

/** Advances pending custom domains and takes down released ones. */
export const job = cron("advance-domains", 2 * minute, advanceDomains);
export const { handler } = job;

async function advanceDomains(): Promise<void> {
  const { stuck } = await Domain.advanceDue();
  Metric.domains({ stuck });
}
