import { dataEntity, key } from "../../kernel/dynamo/index.ts";

// Reads served: a person's feed, newest first (the id begins with the time of its event).
export const NotificationItem = dataEntity({
  model: { service: "notify", entity: "notification", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    userId: { type: "string", required: true, readOnly: true },
    notificationId: { type: "string", required: true, readOnly: true },
    type: { type: "string", required: true, readOnly: true },
    title: { type: "string", required: true, readOnly: true },
    body: { type: "string", required: true, readOnly: true },
    /** A path on the school's own host. */
    href: { type: "string", required: true, readOnly: true },
    at: { type: "number", required: true, readOnly: true },
    readAt: { type: "number" },
    /** Epoch seconds; set when it has been read, so nothing unread ever disappears. */
    expiresAt: { type: "number" },
  },
  indexes: { byUser: { pk: key("pk", ["schoolId", "userId"]), sk: key("sk", ["notificationId"]) } },
} as const);

// Reads served: the badge. Changed only in a transaction with the notification it counts.
export const UnreadItem = dataEntity({
  model: { service: "notify", entity: "unread", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    userId: { type: "string", required: true, readOnly: true },
    count: { type: "number", required: true, default: 0 },
  },
  indexes: { byUser: { pk: key("pk", ["schoolId", "userId"]), sk: key("sk", []) } },
} as const);
