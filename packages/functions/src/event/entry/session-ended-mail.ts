import { sessionEndedMail } from "../reactions/account-mails.ts";

export const { handler } = sessionEndedMail;
