import { nudgeEvent } from "@lectern/core/kernel/event";
import { drain, drainNow } from "../../event/relay.ts";
import { type Cron, cron, minute } from "../cron.ts";

/** Publishes what is in the outboxes: the safety net of the calls that follow commits. */
const scheduled = cron("relay", minute, drain);

/** The schedule calls it, and so does `nudge` after a commit. */
export const job: Cron = {
  ...scheduled,
  handler: (event) => (isNudge(event) ? drainNow() : scheduled.handler()),
};
export const { handler } = job;

const isNudge = (event: unknown): boolean =>
  typeof event === "object" && event !== null && Reflect.get(event, "source") === nudgeEvent.source;
