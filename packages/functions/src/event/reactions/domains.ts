import * as Domain from "@lectern/tenants/domain";
import { consumer } from "../consumer.ts";

/** How long somebody who has just set a record is waited with; the schedule has the rest. */
const patienceMs = 20_000;

/** A domain was entered, or is to be looked at now: as far as it gets on by itself. */
export const domainRequested = consumer("domain-requested", Domain.Events.Requested, ({ data }) =>
  Domain.follow(data.host, patienceMs),
);

/** What the edge knows of a domain that was removed is taken down. */
export const domainRemoved = consumer("domain-removed", Domain.Events.Removed, ({ data }) =>
  Domain.takeDown(data.host, patienceMs),
);
