import * as Backup from "@lectern/tenants/backup";
import { cron, minute } from "../cron.ts";

/** No dump starts later than this in a run, so that one of five minutes still finishes. */
const beginForMs = 9 * minute;

/** Dumps every school without a dump of today. The next run takes what this one leaves. */
export const job = cron("dump-schools", 15 * minute, () => Backup.nightly({ until: Date.now() + beginForMs }));
export const { handler } = job;
