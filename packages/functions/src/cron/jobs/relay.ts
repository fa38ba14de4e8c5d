import { nudgeEvent } from "@lectern/core/kernel/event";
import { drain, drainNow } from "../../event/relay.ts";
import { cron, minute } from "../cron.ts";

/** Publishes what is in the outboxes: the safety net of the calls that follow commits. */
export const job = cron("relay", minute, drain);

/** The schedule calls it, and so does `nudge` after a commit. */
export const handler = (event?: unknown): Promise<void> => (isNudge(event) ? drainNow() : job.handler());

const isNudge = (event: unknown): boolean =>
  typeof event === "object" && event !== null && Reflect.get(event, "source") === nudgeEvent.source;
