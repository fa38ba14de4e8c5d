import * as Provision from "@lectern/tenants/provision";
import { cron, minute } from "../cron.ts";

/** Keeps ready schools, so that opening one takes a second, and drops what restores replaced a week ago. */
export const job = cron("refill", 5 * minute, async () => {
  await Provision.refill();
  await Provision.dropReplaced();
});
export const { handler } = job;
