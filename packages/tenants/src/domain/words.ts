import type { DomainReason } from "./domain.entity.ts";
import { namedOf } from "./name.ts";

/** Returns the explanation for the school's admin. `found` is what the name servers answered instead. */
export const wordsFor = (reason: DomainReason, host: string, found: string | undefined): string => {
  const name = namedOf(host);
  const instead = found ? ` (${namedOf(found)})` : "";
  return {
    dns_absent: `The name servers know no record for ${name} yet. A new record can take an hour to be seen everywhere.`,
    dns_elsewhere: `${name} leads to another place${instead}. Replace that record by the one shown here.`,
    dns_unproven: `${name} leads to us, but nothing says that it is for this school. Add the TXT record shown here as well.`,
    dns_unreachable: `The name servers of ${name} do not answer. We ask them again automatically.`,
    dns_unseen: `The record is right, but it is not visible everywhere yet. We check again automatically.`,
    caa: `A CAA record of ${name} keeps us from getting a certificate. Add “0 issue "amazon.com"” beside it.`,
    taken: `${name} belongs to another school here, and its records still say so.`,
    letting_go: `${name} was used elsewhere here and is being removed there. That takes some minutes; we go on automatically.`,
    in_use_elsewhere: `${name} is in use at another CloudFront account. The owner of that site has to remove it there first.`,
    certificate: `No certificate could be issued for ${name}. Check that its records lead here, and try again.`,
    dns_moved: `${name} no longer leads here${instead}. Set the record shown here again, or remove the domain.`,
    requester_gone: `The person who entered ${name} may no longer manage domains. Choose “Try again” if the school still wants it.`,
  }[reason];
};
