import * as Domain from "@lectern/tenants/domain";
import { consumer } from "../consumer.ts";

const patienceMs = 20_000;

/** Takes down what the edge knows of a domain that was removed. */
export const domainRemoved = consumer("domain-removed", Domain.Events.Removed, ({ data }) =>
  Domain.takeDown(data.host, patienceMs),
);
export const { handler } = domainRemoved;
