import { passwordResetMail } from "../reactions/password-reset-mail.ts";

export const { handler } = passwordResetMail;
