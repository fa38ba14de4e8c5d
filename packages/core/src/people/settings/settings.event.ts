import * as z from "zod";
import { defineEvent } from "../../kernel/event/index.ts";

export const Events = {
  /** Language, time zone, contact or legal pages changed: a consumer repeats them in the directory's route. */
  Changed: defineEvent("school.settings_changed", z.object({})),
};
