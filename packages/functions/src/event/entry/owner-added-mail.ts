import { ownerAddedMail } from "../reactions/owner-added-mail.ts";

export const { handler } = ownerAddedMail;
