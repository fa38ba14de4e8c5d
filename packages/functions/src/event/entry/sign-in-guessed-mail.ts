import { signInGuessedMail } from "../reactions/account-mails.ts";

export const { handler } = signInGuessedMail;
