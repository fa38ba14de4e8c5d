import * as School from "@lectern/tenants/school";
import { cron, day } from "../cron.ts";

/** Erases what openings have claimed that nobody went on with for a day. */
export const job = cron("sweep-openings", day, () => School.sweep());
export const { handler } = job;
