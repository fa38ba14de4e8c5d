import { directoryEntity, key } from "../dynamo/index.ts";

// Reads served: none. A conditional put records each call, so a second one like it is a replay in any process.
export const CallItem = directoryEntity({
  model: { service: "internal", entity: "call", version: "1" },
  attributes: {
    keyId: { type: "string", required: true, readOnly: true },
    nonce: { type: "string", required: true, readOnly: true },
    /** Epoch seconds: from then on its time alone refuses it, and the table forgets it. */
    expiresAt: { type: "number", required: true, readOnly: true },
  },
  indexes: {
    byNonce: { pk: key("pk", ["keyId", "nonce"]), sk: key("sk", []) },
  },
} as const);
