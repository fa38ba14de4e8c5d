import * as z from "zod";
import { defineEvent } from "../../kernel/event/index.ts";

export const Events = {
  /** Made, renamed, moved or removed. */
  Changed: defineEvent("category.changed", z.object({ categoryId: z.string() })),
};
