import { verificationMail } from "../reactions/verification-mail.ts";

export const { handler } = verificationMail;
