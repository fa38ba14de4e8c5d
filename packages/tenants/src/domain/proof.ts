import { createHash } from "node:crypto";
import { Directory } from "@lectern/core/kernel/directory";

/** A DNS record that the school has to set. */
export interface Wanted {
  readonly type: "CNAME" | "ALIAS" | "TXT";
  readonly name: string;
  readonly value: string;
}

/**
 * Returns the token that names this school and host, so a record with it is set for this school. It is a digest: it is
 * stable, reveals nothing, and stays valid when a domain is removed and added again.
 */
export const tokenOf = (schoolId: string, host: string): string =>
  createHash("sha256").update(`lectern own domain\0${schoolId}\0${host}`).digest("hex").slice(0, 32);

/** Returns the CNAME target: a name below our wildcard, which points to the edge. */
export const targetOf = (schoolId: string, host: string): string =>
  `${tokenOf(schoolId, host)}.domains.${Directory.platformHost()}`;

export const challengeName = (host: string): string => `_lectern.${host}`;
export const challengeValue = (schoolId: string, host: string): string => `lectern=${tokenOf(schoolId, host)}`;

/** Returns the distribution tenant's name, unique per school and host, so creating it twice finds the first. */
export const tenantNameOf = (schoolId: string, host: string): string => `own-${tokenOf(schoolId, host)}`;

/** A CNAME is not allowed at a zone apex: there the provider flattens an alias, and a TXT record names the school. */
export const recordsFor = (schoolId: string, host: string, isApex: boolean): readonly Wanted[] =>
  isApex
    ? [
        { type: "ALIAS", name: host, value: targetOf(schoolId, host) },
        { type: "TXT", name: challengeName(host), value: challengeValue(schoolId, host) },
      ]
    : [{ type: "CNAME", name: host, value: targetOf(schoolId, host) }];

/** Guesses before any query: example.edu is an apex, learn.example.edu is not. */
export const looksApex = (host: string): boolean => host.split(".").length === 2;
