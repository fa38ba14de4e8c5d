import type { Cron } from "./cron.ts";
import { job as advanceDomains } from "./jobs/advance-domains.ts";
import { job as dispatch } from "./jobs/dispatch.ts";
import { job as dumpSchools } from "./jobs/dump-schools.ts";
import { job as performanceReport } from "./jobs/performance-report.ts";
import { job as refill } from "./jobs/refill.ts";
import { job as relay } from "./jobs/relay.ts";
import { job as sweepOpenings } from "./jobs/sweep-openings.ts";
import { job as tellErrors } from "./jobs/tell-errors.ts";
import { job as unpark } from "./jobs/unpark.ts";

export type { Cron } from "./cron.ts";

/** Every schedule. Each is a file and, deployed, a function of its own. */
export const crons: readonly Cron[] = [
  relay,
  dispatch,
  unpark,
  refill,
  advanceDomains,
  tellErrors,
  performanceReport,
  dumpSchools,
  sweepOpenings,
];
