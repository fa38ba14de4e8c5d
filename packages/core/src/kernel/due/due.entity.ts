import { dataEntity, key } from "../dynamo/index.ts";

// Reads served: one item by its key; the platform's due and parked items, shard by shard (sparse index `outbox`, in its
// own partitions).
export const DueItem = dataEntity({
  model: { service: "due", entity: "item", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    key: { type: "string", required: true, readOnly: true },
    /** New with each `Due.at`: a message with another id is out of date. */
    dueId: { type: "string", required: true },
    kind: { type: "string", required: true },
    /** JSON. */
    data: { type: "string", required: true },
    /** ISO, UTC. */
    at: { type: "string", required: true },
    /** The item whose handler put this one under the same key. */
    causedBy: { type: "string" },
    starts: { type: "number", required: true },
    /** Until then, epoch ms, the worker that has begun is given time. */
    startedUntil: { type: "number" },
    shard: { type: "string", required: true },
    /** Sort position in its shard: the time (ISO) at which the dispatcher enqueues it; for a parked item the school. */
    place: { type: "string", required: true },
  },
  indexes: {
    byKey: { pk: key("pk", ["schoolId"]), sk: key("sk", ["key"]) },
    // Not led by the school, on purpose: only the dispatcher reads it.
    due: { index: "outbox", pk: key("outboxpk", ["shard"]), sk: key("outboxsk", ["place", "schoolId", "key"]) },
  },
} as const);
