import { passwordChangedMail } from "../reactions/account-mails.ts";

export const { handler } = passwordChangedMail;
