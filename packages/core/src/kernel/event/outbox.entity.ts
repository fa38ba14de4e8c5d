import { dataEntity, key } from "../dynamo/index.ts";

// Reads served: the relay's "what is not yet published" (sparse index `outbox`: the item is deleted once published).
export const OutboxItem = dataEntity({
  model: { service: "bus", entity: "outbox", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    eventId: { type: "string", required: true, readOnly: true },
    type: { type: "string", required: true, readOnly: true },
    envelope: { type: "string", required: true, readOnly: true },
    shard: { type: "string", required: true, readOnly: true },
  },
  indexes: {
    byEvent: { pk: key("pk", ["schoolId", "eventId"]), sk: key("sk", []) },
    // Not led by the school, on purpose: only the relay reads it, and only to publish.
    unpublished: { index: "outbox", pk: key("outboxpk", ["shard"]), sk: key("outboxsk", ["eventId"]) },
  },
} as const);
