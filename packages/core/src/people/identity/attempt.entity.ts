import { dataEntity, key } from "../../kernel/dynamo/index.ts";

// Reads served: how often a password, code or mail was tried for one account or from one address.
export const AttemptItem = dataEntity({
  model: { service: "identity", entity: "attempt", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    /** `<limit>:<fingerprint>`: never the address itself. */
    subject: { type: "string", required: true, readOnly: true },
    count: { type: "number", required: true },
    /** Epoch milliseconds: when the window of `count` began. */
    since: { type: "number", required: true },
    /** How many windows in a row were used up; each makes the next pause longer. */
    pauses: { type: "number", required: true },
    /** Epoch milliseconds until which every attempt is refused. */
    until: { type: "number", required: true },
    /** Condition of each write, so that parallel guesses are counted one by one. */
    version: { type: "number", required: true },
    expiresAt: { type: "number", required: true },
  },
  indexes: {
    bySubject: { pk: key("pk", ["schoolId", "subject"]), sk: key("sk", []) },
  },
} as const);
