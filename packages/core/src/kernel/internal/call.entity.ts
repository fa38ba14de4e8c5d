import { directoryEntity, key } from "../dynamo/index.ts";

// Reads served: none. A call is written under the condition that it is not there yet: the second one like it is a replay,
// whichever process it reaches.
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
