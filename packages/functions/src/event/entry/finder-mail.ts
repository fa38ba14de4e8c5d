import { finderMail } from "../reactions/finder-mail.ts";

export const { handler } = finderMail;
