import { addressOf, type Mail } from "./store.ts";

const account = "000000000000";

/** What SES tells EventBridge about a mail that left with a configuration set: `[detail-type, detail]`. */
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
  return [
    ["Email Sent", { eventType: "Send", mail: common, send: {} }],
    [
      "Email Delivered",
      {
        eventType: "Delivery",
        mail: common,
        delivery: { timestamp, processingTimeMillis: 0, recipients, smtpResponse: "250 OK", reportingMTA: "localhost" },
      },
    ],
  ];
}
