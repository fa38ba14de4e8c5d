import { dataEntity, key } from "../../kernel/dynamo/index.ts";

// Reads served: one session of a person (consistent); all of a person's sessions. Each person is a partition, so
// "sign out everywhere" is one consistent query and misses none.
export const SessionItem = dataEntity({
  model: { service: "identity", entity: "session", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    userId: { type: "string", required: true, readOnly: true },
    sessionId: { type: "string", required: true, readOnly: true },
    /** SHA-256 of the cookie's secret. Absent until a browser claims the session, and for token-only sessions. */
    secretHash: { type: "string" },
    userAgent: { type: "string", required: true },
    ip: { type: "string", required: true },
    createdAt: { type: "number", required: true, readOnly: true },
    /** Compared with the person's `sessionsValidFrom`; moved forward only for the session that changed the password. */
    validAt: { type: "number", required: true },
    lastSeenAt: { type: "number", required: true },
    /** Epoch seconds; the table forgets the item then. */
    expiresAt: { type: "number", required: true },
  },
  indexes: {
    byUser: { pk: key("pk", ["schoolId", "userId"]), sk: key("sk", ["sessionId"]) },
  },
} as const);
