import { Metric } from "@lectern/core/kernel/metric";
import * as Domain from "@lectern/tenants/domain";
import { cron, minute } from "../cron.ts";

/** Moves schools' own domains on that wait for something, and takes down what was let go. */
export const job = cron("advance-domains", 2 * minute, advanceDomains);
export const { handler } = job;

async function advanceDomains(): Promise<void> {
  const { stuck } = await Domain.advanceDue();
  Metric.domains({ stuck });
}
