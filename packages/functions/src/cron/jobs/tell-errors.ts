import * as Ops from "@lectern/core/house/ops";
import { cron, minute } from "../cron.ts";

/** Publishes error groups that were opened while the bus was unavailable. */
export const job = cron("tell-errors", 5 * minute, Ops.tellUntold);
export const { handler } = job;
