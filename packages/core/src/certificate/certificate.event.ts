import * as z from "zod";
import { defineEvent } from "../kernel/event/index.ts";

export const Events = {
  /** Emitted with the row, so each certificate is told of once. */
  Issued: defineEvent("certificate.issued", z.object({ certificateId: z.string() })),
};
