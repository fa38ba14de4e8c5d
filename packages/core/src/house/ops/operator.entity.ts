import { directoryEntity, key } from "../../kernel/dynamo/index.ts";

// Sessions of operators' browsers. Reads served: the session of a cookie.

export const OperatorSessionItem = directoryEntity({
  model: { service: "operator", entity: "session", version: "1" },
  attributes: {
    sessionHash: { type: "string", required: true, readOnly: true },
    /** Epoch seconds. */
    expiresAt: { type: "number", required: true },
  },
  indexes: { byHash: { pk: key("pk", ["sessionHash"]), sk: key("sk", []) } },
} as const);
