import { drain } from "../../event/relay.ts";
import { cron, minute } from "../cron.ts";

/** Publishes what stands in the outboxes; a nudge after a commit is only faster. */
export const job = cron("relay", minute, drain);
export const { handler } = job;
