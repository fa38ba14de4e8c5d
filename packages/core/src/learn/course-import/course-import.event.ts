import * as z from "zod";
import { defineEvent } from "../../kernel/event/index.ts";

export const Events = {
  /** A package has arrived and waits for the worker. */
  Requested: defineEvent("course_import.requested", z.object({ importId: z.string() })),
};
