import * as z from "zod";
import { defineEvent } from "../kernel/event/index.ts";

export const Events = {
  /** Language or time zone changed: the directory's route repeats them and is brought up to date by a consumer. */
  Changed: defineEvent("school.settings_changed", z.object({})),
};
