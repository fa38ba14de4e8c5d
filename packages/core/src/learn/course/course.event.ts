import * as z from "zod";
import { defineEvent } from "../../kernel/event/index.ts";

/** Ids only: the event may be old when it arrives, so a subscriber reads the current row. */
export const Events = {
  Published: defineEvent("course.published", z.object({ courseId: z.string() })),
  /** Back to a draft. */
  Unpublished: defineEvent("course.unpublished", z.object({ courseId: z.string() })),
  Archived: defineEvent("course.archived", z.object({ courseId: z.string() })),
  /** Of a published course only: what visitors see of it is another now. */
  Changed: defineEvent("course.changed", z.object({ courseId: z.string() })),
  /** It was published when it was deleted. */
  Removed: defineEvent("course.removed", z.object({ courseId: z.string() })),
};
