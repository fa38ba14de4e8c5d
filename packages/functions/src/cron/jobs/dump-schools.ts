import * as Backup from "@lectern/tenants/backup";
import { cron, minute } from "../cron.ts";

/** No school is begun later than this into a turn, so that one that takes five minutes still comes to its end. */
const beginForMs = 9 * minute;

/** A dump of every school that has none of today. What a turn leaves over, for whatever reason, is the next one's. */
export const job = cron("dump-schools", 15 * minute, () => Backup.nightly({ until: Date.now() + beginForMs }));
export const { handler } = job;
