import { emailChangedMail } from "../reactions/email-change-mails.ts";

export const { handler } = emailChangedMail;
