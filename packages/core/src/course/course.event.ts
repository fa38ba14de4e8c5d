import { z } from "zod";
import { defineEvent } from "../kernel/event/index.ts";

/** Ids only: the event may be old when it arrives, so a subscriber reads the current row. */
export const Events = {
  Published: defineEvent("course.published", z.object({ courseId: z.string() })),
};
