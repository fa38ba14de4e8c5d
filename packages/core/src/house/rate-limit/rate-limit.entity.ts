import { dataEntity, key } from "../../kernel/dynamo/index.ts";

// Reads served: uses of a key in one window, over all processes. Written with an atomic ADD.
export const RateWindow = dataEntity({
  model: { service: "limits", entity: "rate-window", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    bucket: { type: "string", required: true, readOnly: true },
    key: { type: "string", required: true, readOnly: true },
    /** Number of the window since 1970, as text of equal length. */
    window: { type: "string", required: true, readOnly: true },
    count: { type: "number", default: 0 },
    /** Epoch seconds; the table's TTL removes the item. */
    expiresAt: { type: "number" },
  },
  indexes: {
    byKey: { pk: key("pk", ["schoolId", "bucket", "key"]), sk: key("sk", ["window"]) },
  },
} as const);
