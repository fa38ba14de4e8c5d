import { dataEntity, key } from "@lectern/core/kernel/dynamo";

// Reads served: everything that waits in this table (sparse index `outbox`, under a partition of its own).
// An event for a suspended school. It waits here instead of in a queue, whose messages come to an end; once the school is
// open again it goes back into its consumer's queue.
export const ParkedItem = dataEntity({
  model: { service: "bus", entity: "parked", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    consumer: { type: "string", required: true, readOnly: true },
    eventId: { type: "string", required: true, readOnly: true },
    /** The message as the queue held it. */
    body: { type: "string", required: true, readOnly: true },
    shard: { type: "string", required: true, readOnly: true },
    parkedAt: { type: "number", required: true, readOnly: true },
  },
  indexes: {
    byEvent: { pk: key("pk", ["schoolId"]), sk: key("sk", ["consumer", "eventId"]) },
    // Not led by the school, on purpose: only the platform's own cron reads it.
    waiting: {
      index: "outbox",
      pk: key("outboxpk", ["shard"]),
      sk: key("outboxsk", ["schoolId", "eventId", "consumer"]),
    },
  },
} as const);
