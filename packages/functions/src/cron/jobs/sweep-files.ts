import * as Course from "@lectern/core/course";
import { day, perSchool } from "../cron.ts";

/** Deletes files of courses that no row leads to. */
export const job = perSchool("sweep-files", day, () => Course.sweepFiles({}).then(() => {}));
export const { handler } = job;
