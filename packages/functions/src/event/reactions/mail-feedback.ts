import { Actor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Address } from "@lectern/core/people/suppression";
import { MailLedger } from "@lectern/core/talk/notify";
import * as z from "zod";
import { batch, type Reaction } from "../consumer.ts";
import { BusMessage } from "../envelope.ts";

const Feedback = z.object({
  eventType: z.string(),
  mail: z.object({
    messageId: z.string(),
    destination: z.array(z.string()).default([]),
    tags: z.record(z.string(), z.array(z.string())).default({}),
  }),
  bounce: z.object({ bounceType: z.string() }).optional(),
  complaint: z.object({ complaintFeedbackType: z.string().nullish() }).optional(),
});
type Feedback = z.output<typeof Feedback>;

const name = "mail-feedback";

/**
 * Handles the provider's events about our mails. "Sent" and "Delivered" are its word that it has accepted a mail, which ends
 * the doubt of a sender that died between calling it and writing that down. A mailbox that is not there, and somebody who
 * complains, are written at the mail and at the address, which no further mail (of that class) goes to.
 */
export const mailFeedback: Reaction = {
  name,
  bus: "default",
  source: "aws.ses",
  on: ["Email Sent", "Email Delivered", "Email Bounced", "Email Complaint Received", "Email Rejected"],
  handler: batch(name, async (record) => {
    const message = BusMessage.parse(JSON.parse(record.body));
    const feedback = Feedback.parse(message.detail);
    const { mail, eventType } = feedback;
    const [mailId] = mail.tags.mail ?? [];
    const [schoolId] = mail.tags.school ?? [];
    if (!mailId || !schoolId) return; // not our mail
    const school = await Directory.bySchool(schoolId);
    if (!school) return;
    const requestId = createId("request");
    await Actor.withActor({ type: "system", school, reason: name, requestId }, async () => {
      if (eventType === "Send" || eventType === "Delivery") await MailLedger.confirm(mailId, mail.messageId);
      else await comeBack(mailId, feedback);
    });
  }),
};
export const { handler } = mailFeedback;

async function comeBack(mailId: string, { eventType, mail, bounce, complaint }: Feedback): Promise<void> {
  const reason = reasonOf(bounce, complaint);
  log.warn(
    { mailId, eventType, type: bounce?.bounceType ?? complaint?.complaintFeedbackType, reason },
    "mail came back",
  );
  // A full mailbox and the like pass.
  if (bounce && !reason) await MailLedger.returned(mailId, "delayed");
  if (!reason) return;
  const [category] = mail.tags.category ?? [];
  // Mails of earlier releases name no category.
  const mailClass = category === "account" ? "account" : "news";
  // Each of our mails goes to one address; the provider's own list names guesses as well.
  for (const address of mail.destination) await Address.mark({ address, reason, mailClass, mailId });
  await MailLedger.returned(mailId, reason);
}

function reasonOf(bounce: Feedback["bounce"], complaint: Feedback["complaint"]): "bounced" | "complained" | undefined {
  if (bounce?.bounceType === "Permanent") return "bounced";
  // Some providers pass on that somebody took a mail out of the spam folder.
  return complaint && complaint.complaintFeedbackType !== "not-spam" ? "complained" : undefined;
}
