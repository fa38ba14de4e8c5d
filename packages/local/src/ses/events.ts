import { addressOf, type Mail } from "./store.ts";

const account = "000000000000";

/** SES's simulator addresses, with an optional label behind a plus. */
const simulated = /^(bounce|complaint|softbounce|notspam)(\+[^@]*)?@simulator\.amazonses\.com$/i;

/**
 * Returns SES's EventBridge events for a mail with a configuration set, as `[detail-type, detail]`. Adds two addresses
 * to SES's simulator: `softbounce` (full mailbox) and `notspam` (withdrawn complaint).
 */
export function sesEvents(mail: Mail, at: Date): [string, unknown][] {
  const recipients = [...mail.destination.to, ...mail.destination.cc, ...mail.destination.bcc].map(addressOf);
  const timestamp = at.toISOString();
  const common = {
    timestamp,
    source: mail.from,
    sendingAccountId: account,
    messageId: mail.messageId,
    destination: recipients,
    headersTruncated: false,
    headers: mail.headers ?? [],
    commonHeaders: { from: [mail.from], to: mail.destination.to, messageId: mail.messageId, subject: mail.subject },
    tags: {
      ...Object.fromEntries(Object.entries(mail.tags).map(([name, value]) => [name, [value]])),
      ...(mail.configurationSet && { "ses:configuration-set": [mail.configurationSet] }),
    },
  };
  const sent: [string, unknown] = ["Email Sent", { eventType: "Send", mail: common, send: {} }];
  const [, kind] = recipients.map((each) => simulated.exec(each)).find((found) => found !== null) ?? [];
  const of = recipients.map((emailAddress) => ({ emailAddress }));
  const feedbackId = `feedback-${mail.messageId}`;
  if (kind === "bounce" || kind === "softbounce") {
    const isHard = kind === "bounce";
    const bounce = {
      ...{ feedbackId, timestamp, reportingMTA: "dsn; localhost" },
      ...(isHard
        ? { bounceType: "Permanent", bounceSubType: "General" }
        : { bounceType: "Transient", bounceSubType: "MailboxFull" }),
      bouncedRecipients: of.map((each) => ({
        ...each,
        action: "failed",
        status: isHard ? "5.1.1" : "4.2.2",
        diagnosticCode: isHard ? "smtp; 550 5.1.1 user unknown" : "smtp; 452 4.2.2 mailbox full",
      })),
    };
    return [sent, ["Email Bounced", { eventType: "Bounce", mail: common, bounce }]];
  }
  const arrived: [string, unknown][] = [
    sent,
    [
      "Email Delivered",
      {
        eventType: "Delivery",
        mail: common,
        delivery: { timestamp, processingTimeMillis: 0, recipients, smtpResponse: "250 OK", reportingMTA: "localhost" },
      },
    ],
  ];
  if (kind === undefined) return arrived;
  const complaint = {
    ...{ feedbackId, timestamp, complainedRecipients: of, userAgent: "localhost" },
    complaintFeedbackType: kind === "notspam" ? "not-spam" : "abuse",
  };
  return [...arrived, ["Email Complaint Received", { eventType: "Complaint", mail: common, complaint }]];
}
