import { unpark } from "../../event/parked.ts";
import { cron, minute } from "../cron.ts";

/** Sends events of schools that are open again back to their queues. */
export const job = cron("unpark", minute, unpark);
export const { handler } = job;
