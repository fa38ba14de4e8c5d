import { directoryEntity, key } from "@lectern/core/kernel/dynamo";

// Reads served: the round of one visit; the schools that a round has not reached.

/** The present round of a visit to every school, and how far its messages are handed out. */
export const RoundItem = directoryEntity({
  model: { service: "schedule", entity: "round", version: "1" },
  attributes: {
    visit: { type: "string", required: true, readOnly: true },
    /** When it was due, ISO. Says which round it is. */
    slot: { type: "string", required: true },
    startedAt: { type: "number", required: true },
    /** Where the next page of schools begins; absent at the first page and after the last. */
    cursor: { type: "string" },
    isHandedOut: { type: "boolean", required: true },
    handed: { type: "number", required: true },
    isReported: { type: "boolean", required: true },
  },
  indexes: { byVisit: { pk: key("pk", ["visit"]), sk: key("sk", []) } },
} as const);

/** A school that a round has yet to reach. The worker deletes it when the visit is done. */
export const VisitItem = directoryEntity({
  model: { service: "schedule", entity: "school", version: "1" },
  attributes: {
    visit: { type: "string", required: true, readOnly: true },
    schoolId: { type: "string", required: true, readOnly: true },
    slot: { type: "string", required: true },
    /** What the last attempt failed with; absent when no worker has come to an end. */
    error: { type: "string" },
  },
  indexes: { bySchool: { pk: key("pk", ["visit"]), sk: key("sk", ["schoolId"]) } },
} as const);
