import { emailChangeMail } from "../reactions/email-change-mails.ts";

export const { handler } = emailChangeMail;
