import * as z from "zod";
import { defineEvent } from "../../kernel/event/index.ts";

/** Ids only: the event may be old when it arrives, so a consumer reads the current row. */
export const Events = {
  /** Also when someone who had withdrawn comes back. */
  Created: defineEvent(
    "enrollment.created",
    z.object({ enrollmentId: z.string(), courseId: z.string(), userId: z.string() }),
  ),
};
