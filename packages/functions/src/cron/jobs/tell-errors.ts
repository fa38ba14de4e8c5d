import * as Ops from "@lectern/core/house/ops";
import { cron, minute } from "../cron.ts";

/** Tells of error groups that were opened while the bus was away. */
export const job = cron("tell-errors", 5 * minute, Ops.tellUntold);
export const { handler } = job;
