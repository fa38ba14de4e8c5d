import { directoryEntity, key } from "@lectern/core/kernel/dynamo";

// Both stand in the directory, beside the hosts they become: a claim must be weighed against those of other schools, and
// one query finds whatever is to be moved on (docs/adr/0015-own-domains.md).

export const domainStates = ["requested", "dns_ok", "cert_issued", "active", "failed"] as const;
export type DomainState = (typeof domainStates)[number];

/** Why a domain does not get on; words for it are in words.ts. */
export const domainReasons = [
  "dns_absent",
  "dns_elsewhere",
  "dns_unproven",
  "dns_unreachable",
  "dns_unseen",
  "caa",
  "taken",
  "letting_go",
  "in_use_elsewhere",
  "certificate",
  "dns_moved",
  "requester_gone",
] as const;
export type DomainReason = (typeof domainReasons)[number];

/**
 * A school's wish to be found at a host. Proves nothing and keeps nobody out: any number of schools may claim one name.
 * Reads served: a school's claims; every claim that is due.
 */
export const DomainItem = directoryEntity({
  model: { service: "domains", entity: "claim", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    host: { type: "string", required: true, readOnly: true },
    state: { type: domainStates, required: true },
    reason: { type: domainReasons },
    /** What the name server said instead of what it should. */
    found: { type: "string" },
    /** The name is the apex of its zone, where no CNAME can stand. */
    isApex: { type: "boolean" },
    requestedAt: { type: "string", required: true },
    requestedBy: { type: "string", required: true },
    changedAt: { type: "string", required: true },
    checkedAt: { type: "string" },
    /** Checks in a row that found an active domain leading elsewhere. */
    missing: { type: "number" },
    lostAt: { type: "string" },
    /** A turn of events that the school has not been told of yet: state and instant. */
    tell: { type: "string" },
    /** Everything beyond the claim is to be let go; then, when `removed`, the claim too. */
    releasing: { type: "boolean" },
    removed: { type: "boolean" },
    dueAt: { type: "string", required: true },
  },
  indexes: {
    bySchool: { pk: key("pk", ["schoolId"]), sk: key("sk", ["host"]) },
    due: { index: "gsi1", pk: key("gsi1pk", []), sk: key("gsi1sk", ["dueAt"]) },
  },
} as const);

/**
 * The one school that a host's distribution tenant belongs to, from before it is made until it is gone. Without a school
 * nobody holds it any more and the tenant is on its way out. Reads served: who holds a host; what is to be let go.
 */
export const HoldItem = directoryEntity({
  model: { service: "domains", entity: "hold", version: "1" },
  attributes: {
    host: { type: "string", required: true, readOnly: true },
    schoolId: { type: "string" },
    /** Name of the distribution tenant. */
    tenant: { type: "string", required: true },
    state: { type: ["held", "letting_go"] as const, required: true },
    since: { type: "string", required: true },
  },
  indexes: {
    byHost: { pk: key("pk", ["host"]), sk: key("sk", []) },
    byState: { index: "gsi1", pk: key("gsi1pk", ["state"]), sk: key("gsi1sk", ["since"]) },
  },
} as const);
