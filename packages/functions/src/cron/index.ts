import type { Cron } from "./cron.ts";
import { job as advanceDomains } from "./jobs/advance-domains.ts";
import { job as dumpSchools } from "./jobs/dump-schools.ts";
import { job as finishImports } from "./jobs/finish-imports.ts";
import { job as performanceReport } from "./jobs/performance-report.ts";
import { job as purgeInbox } from "./jobs/purge-inbox.ts";
import { job as purgeTokens } from "./jobs/purge-tokens.ts";
import { job as reconcileCertificates } from "./jobs/reconcile-certificates.ts";
import { job as refill } from "./jobs/refill.ts";
import { job as relay } from "./jobs/relay.ts";
import { job as sweepFiles } from "./jobs/sweep-files.ts";
import { job as sweepOpenings } from "./jobs/sweep-openings.ts";
import { job as tellErrors } from "./jobs/tell-errors.ts";
import { job as unpark } from "./jobs/unpark.ts";

export type { Cron } from "./cron.ts";

/** Every schedule. Each is a file and, deployed, a function of its own. */
export const crons: readonly Cron[] = [
  relay,
  unpark,
  refill,
  advanceDomains,
  tellErrors,
  performanceReport,
  dumpSchools,
  finishImports,
  reconcileCertificates,
  purgeInbox,
  purgeTokens,
  sweepFiles,
  sweepOpenings,
];
