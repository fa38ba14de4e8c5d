import { domainTurnedMail } from "../reactions/domain-turned-mail.ts";

export const { handler } = domainTurnedMail;
