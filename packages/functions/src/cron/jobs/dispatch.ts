import { dispatchDue } from "../../work/dispatch-due.ts";
import { cron, minute } from "../cron.ts";
import { handOutRounds } from "../rounds.ts";

/** Nothing is begun later than this into a run, so that it ends before its function does. */
const beginForMs = 40_000;

/** Queues work in schools, one message each: timers that are due, and rounds. */
export async function dispatch(): Promise<void> {
  const until = Date.now() + beginForMs;
  const outcomes = await Promise.allSettled([dispatchDue({ until }), handOutRounds({ until })]);
  for (const each of outcomes) if (each.status === "rejected") throw each.reason;
}

export const job = cron("dispatch", minute, dispatch);
export const { handler } = job;
