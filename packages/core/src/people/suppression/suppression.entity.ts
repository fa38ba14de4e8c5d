import { dataEntity, key } from "../../kernel/dynamo/index.ts";
import { mailClasses } from "../../talk/notify/index.ts";

export const returnReasons = ["bounced", "complained"] as const;

// Reads served: may a mail go to this address (all of its marks, one query); every address of a school that has one.
export const AddressItem = dataEntity({
  model: { service: "notify", entity: "address", version: "1" },
  attributes: {
    schoolId: { type: "string", required: true, readOnly: true },
    /** Derived from the address, so the table contains no address. */
    addressId: { type: "string", required: true, readOnly: true },
    /** What is no longer sent there. */
    mailClass: { type: [...mailClasses, "every"] as const, required: true, readOnly: true },
    reason: { type: returnReasons, required: true },
    /** Epoch milliseconds. */
    at: { type: "number", required: true },
    /** Which mail it was. */
    mailId: { type: "string", required: true },
    /** Epoch seconds; absent: until somebody takes it away. */
    expiresAt: { type: "number" },
  },
  indexes: {
    byAddress: { pk: key("pk", ["schoolId", "addressId"]), sk: key("sk", ["mailClass"]) },
    bySchool: { index: "gsi1", pk: key("gsi1pk", ["schoolId"]), sk: key("gsi1sk", ["addressId"]) },
  },
} as const);
