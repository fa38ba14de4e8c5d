import { Provision } from "@lectern/tenants/provision";
import { cron, minute } from "../cron.ts";

/** Keeps ready schools, so that opening one takes a second. */
export const job = cron("refill", 5 * minute, () => Provision.refill());
export const { handler } = job;
