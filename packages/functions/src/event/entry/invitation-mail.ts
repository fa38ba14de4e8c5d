import { invitationMail } from "../reactions/invitation-mail.ts";

export const { handler } = invitationMail;
