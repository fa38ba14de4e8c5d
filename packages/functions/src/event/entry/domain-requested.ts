import { domainRequested } from "../reactions/domains.ts";

export const { handler } = domainRequested;
