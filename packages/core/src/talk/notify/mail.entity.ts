import { dataEntity, key } from "../../kernel/dynamo/index.ts";

export const mailStates = ["claimed", "sending", "sent", "skipped"] as const;

// Reads served: what has become of one mail (template, event, recipient).
export const MailItem = dataEntity({
  model: { service: "notify", entity: "mail", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    /**
     * Derived from template, event and recipient, so the same mail has the same id and the table contains no address.
     */
    mailId: { type: "string", required: true, readOnly: true },
    template: { type: "string", required: true, readOnly: true },
    eventId: { type: "string", required: true, readOnly: true },
    state: { type: mailStates, required: true },
    /** Grows with each claim: who was overtaken finds out before it sends. */
    attempt: { type: "number", required: true },
    /** Epoch ms until when the holder of the claim is left alone. */
    until: { type: "number", required: true },
    messageId: { type: "string" },
    /** What the provider reported after sending, and when. */
    returned: { type: ["bounced", "complained", "delayed"] as const },
    returnedAt: { type: "number" },
    sentAt: { type: "number" },
    /** Epoch seconds. */
    expiresAt: { type: "number", required: true },
  },
  indexes: { byId: { pk: key("pk", ["schoolId", "mailId"]), sk: key("sk", []) } },
} as const);
