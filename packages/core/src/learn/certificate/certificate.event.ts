import * as z from "zod";
import { defineEvent } from "../../kernel/event/index.ts";

export const Events = {
  /** Emitted with each number, when it is issued and when it is reissued. */
  Issued: defineEvent("certificate.issued", z.object({ certificateId: z.string() })),
  Revoked: defineEvent("certificate.revoked", z.object({ certificateId: z.string() })),
};
