import * as School from "@lectern/tenants/school";
import { cron, day } from "../cron.ts";

/** Erases the claims of school openings abandoned for a day. */
export const job = cron("sweep-openings", day, () => School.sweep());
export const { handler } = job;
