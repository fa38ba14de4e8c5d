import { dataEntity, key } from "@lectern/core/kernel/dynamo";

// Reads served: one person's open connections. API Gateway ends each after two hours, when the item expires too.
export const SocketItem = dataEntity({
  model: { service: "notify", entity: "socket", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    userId: { type: "string", required: true, readOnly: true },
    connectionId: { type: "string", required: true, readOnly: true },
    /** Epoch seconds. */
    expiresAt: { type: "number", required: true },
  },
  indexes: { byUser: { pk: key("pk", ["schoolId", "userId"]), sk: key("sk", ["connectionId"]) } },
} as const);
