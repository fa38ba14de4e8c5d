import { Actor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { MailLedger } from "@lectern/core/notify";
import { z } from "zod";
import { batch, type Reaction } from "../consumer.ts";
import { BusMessage } from "../envelope.ts";

const Feedback = z.object({
  eventType: z.string(),
  mail: z.object({ messageId: z.string(), tags: z.record(z.string(), z.array(z.string())).default({}) }),
});

const name = "mail-feedback";

/**
 * What the mail provider tells of our mails. "Sent" and "Delivered" are its word that it has accepted a mail, which ends
 * the doubt of a sender that died between calling it and writing that down.
 */
export const mailFeedback: Reaction = {
  name,
  bus: "default",
  source: "aws.ses",
  on: ["Email Sent", "Email Delivered", "Email Bounced", "Email Complaint Received", "Email Rejected"],
  handler: batch(name, async (record) => {
    const message = BusMessage.parse(JSON.parse(record.body));
    const { mail, eventType } = Feedback.parse(message.detail);
    const [mailId] = mail.tags.mail ?? [];
    const [schoolId] = mail.tags.school ?? [];
    if (!mailId || !schoolId) return; // not one of ours
    const school = await Directory.bySchool(schoolId);
    if (!school) return;
    const requestId = createId("request");
    await Actor.withActor({ type: "system", school, reason: name, requestId }, async () => {
      if (eventType === "Send" || eventType === "Delivery") await MailLedger.confirm(mailId, mail.messageId);
      else log.warn({ mailId, eventType }, "mail did not arrive");
    });
  }),
};
