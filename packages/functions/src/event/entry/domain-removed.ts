import { domainRemoved } from "../reactions/domains.ts";

export const { handler } = domainRemoved;
