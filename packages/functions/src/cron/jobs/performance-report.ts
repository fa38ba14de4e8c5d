import * as Ops from "@lectern/core/house/ops";
import { cron, day } from "../cron.ts";

/** Yesterday's response times of every route against those of a week. */
export const job = cron("performance-report", day, () => Ops.analyse());
export const { handler } = job;
