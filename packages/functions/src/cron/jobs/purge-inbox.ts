import * as Inbox from "@lectern/core/inbox";
import { day, perSchool } from "../cron.ts";

/** Forgets which events were dealt with, once they cannot come again. */
export const job = perSchool("purge-inbox", day, () => Inbox.purge({}).then(() => {}));
export const { handler } = job;
