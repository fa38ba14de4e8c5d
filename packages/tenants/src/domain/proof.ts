import { createHash } from "node:crypto";
import { Directory } from "@lectern/core/kernel/directory";

/** What the school has to set at its DNS provider. */
export interface Wanted {
  readonly type: "CNAME" | "ALIAS" | "TXT";
  readonly name: string;
  readonly value: string;
}

/**
 * Names this school and this host, and nobody else's: a record that carries it is set for this school. A digest, so that it
 * is the same whenever it is worked out, tells nothing, and stays good when a domain is removed and entered again.
 */
export const tokenOf = (schoolId: string, host: string): string =>
  createHash("sha256").update(`lectern own domain\0${schoolId}\0${host}`).digest("hex").slice(0, 32);

/** Where the school's host has to lead: below a wildcard of ours, which leads on to the edge. */
export const targetOf = (schoolId: string, host: string): string =>
  `${tokenOf(schoolId, host)}.domains.${Directory.platformHost()}`;

export const challengeName = (host: string): string => `_lectern.${host}`;
export const challengeValue = (schoolId: string, host: string): string => `lectern=${tokenOf(schoolId, host)}`;

/** Name of the distribution tenant: one per school and host, so whoever makes it twice finds the first. */
export const tenantNameOf = (schoolId: string, host: string): string => `own-${tokenOf(schoolId, host)}`;

/** At the apex of a zone no CNAME can stand: there the provider flattens an alias, and a text says which school it is for. */
export const recordsFor = (schoolId: string, host: string, isApex: boolean): readonly Wanted[] =>
  isApex
    ? [
        { type: "ALIAS", name: host, value: targetOf(schoolId, host) },
        { type: "TXT", name: challengeName(host), value: challengeValue(schoolId, host) },
      ]
    : [{ type: "CNAME", name: host, value: targetOf(schoolId, host) }];

/** Before a name server was asked: example.edu is one, learn.example.edu is none. */
export const looksApex = (host: string): boolean => host.split(".").length === 2;
