import * as Domain from "@lectern/tenants/domain";
import { consumer } from "../consumer.ts";

/** Time for an administrator who has just set a record. The schedule checks again later. */
const patienceMs = 20_000;

/** A domain was entered, or is to be checked now: advances it to the state that its records allow. */
export const domainRequested = consumer("domain-requested", Domain.Events.Requested, ({ data }) =>
  Domain.follow(data.host, patienceMs),
);
export const { handler } = domainRequested;
