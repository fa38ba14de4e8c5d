import { directoryEntity, key } from "../../kernel/dynamo/index.ts";

// Reads served: which schools know an address (by its HMAC; the address itself is not stored).
export const FinderEntry = directoryEntity({
  model: { service: "finder", entity: "entry", version: "1" },
  attributes: {
    emailHash: { type: "string", required: true, readOnly: true },
    schoolId: { type: "string", required: true, readOnly: true },
  },
  indexes: {
    byEmail: { pk: key("pk", ["emailHash"]), sk: key("sk", ["schoolId"]) },
  },
} as const);

// Reads served: one request of "find my school", for the consumer that mails the answer. Gone after 15 minutes.
export const FinderRequest = directoryEntity({
  model: { service: "finder", entity: "request", version: "1" },
  attributes: {
    finderId: { type: "string", required: true, readOnly: true },
    /** Encrypted with the finder's key. */
    email: { type: "string", required: true, readOnly: true },
    expiresAt: { type: "number", required: true, readOnly: true },
  },
  indexes: {
    byId: { pk: key("pk", ["finderId"]), sk: key("sk", []) },
  },
} as const);
