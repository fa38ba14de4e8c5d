import * as Identity from "@lectern/core/identity";
import { day, perSchool } from "../cron.ts";

/** Forgets tokens of mails that are over for a month. */
export const job = perSchool("purge-tokens", day, Identity.purgeTokens);
export const { handler } = job;
