import { directoryEntity, key } from "../dynamo/index.ts";

// Read served: a school's last invalidation. Every key begins with `$edge`, so rights can be limited to these items.
export const EditionItem = directoryEntity({
  model: { service: "edge", entity: "edition", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    /** Epoch milliseconds, taken before the write: earlier changes are already covered. */
    movedAt: { type: "number", required: true },
    /** Epoch seconds. Nothing older is asked for. */
    expiresAt: { type: "number", required: true },
  },
  indexes: { bySchool: { pk: key("pk", ["schoolId"]), sk: key("sk", []) } },
} as const);
