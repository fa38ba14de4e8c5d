import { directoryEntity, key } from "@lectern/core/kernel/dynamo";

// Claims and holds are in the directory table, beside hosts: claims of different schools compete, and one query finds
// all that are due (docs/adr/0015-own-domains.md).

export const domainStates = ["requested", "dns_ok", "cert_issued", "active", "failed"] as const;
export type DomainState = (typeof domainStates)[number];

/** Why a domain is blocked; words.ts has the texts. */
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
 * A school's claim to a host. It proves nothing and reserves nothing: several schools may claim one name. Reads served:
 * a school's claims; every claim that is due.
 */
export const DomainItem = directoryEntity({
  model: { service: "domains", entity: "claim", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    host: { type: "string", required: true, readOnly: true },
    state: { type: domainStates, required: true },
    reason: { type: domainReasons },
    /** What the name server answered instead. */
    found: { type: "string" },
    /** The name is a zone apex, where CNAME is not allowed. */
    isApex: { type: "boolean" },
    requestedAt: { type: "string", required: true },
    requestedBy: { type: "string", required: true },
    changedAt: { type: "string", required: true },
    checkedAt: { type: "string" },
    /** Consecutive checks that found an active domain pointing elsewhere. */
    missing: { type: "number" },
    lostAt: { type: "string" },
    /** Change of state that the school has not been notified of: state and instant. */
    tell: { type: "string" },
    /** All resources except the claim are being released; with `removed`, the claim is too. */
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
 * The one school that a host's distribution tenant belongs to, from before its creation until its deletion. Without a
 * school the tenant is being deleted. Reads served: who holds a host; what is to be released.
 */
export const HoldItem = directoryEntity({
  model: { service: "domains", entity: "hold", version: "1" },
  attributes: {
    host: { type: "string", required: true, readOnly: true },
    schoolId: { type: "string" },
    tenant: { type: "string", required: true },
    state: { type: ["held", "letting_go"] as const, required: true },
    since: { type: "string", required: true },
  },
  indexes: {
    byHost: { pk: key("pk", ["host"]), sk: key("sk", []) },
    byState: { index: "gsi1", pk: key("gsi1pk", ["state"]), sk: key("gsi1sk", ["since"]) },
  },
} as const);
