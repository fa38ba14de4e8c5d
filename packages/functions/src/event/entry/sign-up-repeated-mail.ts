import { signUpRepeatedMail } from "../reactions/account-mails.ts";

export const { handler } = signUpRepeatedMail;
