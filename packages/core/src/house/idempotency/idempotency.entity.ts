import { dataEntity, key } from "../../kernel/dynamo/index.ts";

// Reads served: the stored answer of a key. One item per key; the table's TTL removes it after a day.
export const IdempotencyRecord = dataEntity({
  model: { service: "limits", entity: "idempotency", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    /** Actor and route. Another person's equal key is another key. */
    scope: { type: "string", required: true, readOnly: true },
    key: { type: "string", required: true, readOnly: true },
    /** SHA-256 of what was asked. */
    hash: { type: "string", required: true },
    state: { type: ["running", "done"] as const, required: true },
    /** The attempt that holds the key, so that an overtaken one cannot overwrite its successor. */
    holder: { type: "string", required: true },
    /** Epoch milliseconds until which the holder is believed to be at work. */
    heldUntil: { type: "number", required: true },
    status: { type: "number" },
    body: { type: "string" },
    /** Epoch seconds. */
    expiresAt: { type: "number", required: true },
  },
  indexes: {
    byKey: { pk: key("pk", ["schoolId", "scope"]), sk: key("sk", ["key"]) },
  },
} as const);
