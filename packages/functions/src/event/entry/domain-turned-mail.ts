import { domainTurnedMail } from "../reactions/domains.ts";

export const { handler } = domainTurnedMail;
