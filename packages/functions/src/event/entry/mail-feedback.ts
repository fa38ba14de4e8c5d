import { mailFeedback } from "../reactions/mail-feedback.ts";

export const { handler } = mailFeedback;
