import { defineEvent } from "@lectern/core/kernel/event";
import { z } from "zod";

/** Past tense, ids only: a subscriber reads the current route. */
export const Events = {
  Created: defineEvent("school.created", z.object({})),
  /** Name, colours, font or logo changed. */
  BrandChanged: defineEvent("school.brand_changed", z.object({})),
};
