import { finderMail } from "../reactions/finder.ts";

export const { handler } = finderMail;
