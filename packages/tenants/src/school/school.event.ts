import { defineEvent } from "@lectern/core/kernel/event";
import * as z from "zod";

/** Past tense, ids only: a subscriber reads the current route. */
export const Events = {
  Created: defineEvent("school.created", z.object({})),
  /** Name, colours, font or logo changed. */
  BrandChanged: defineEvent("school.brand_changed", z.object({})),
  /** Language or time zone have changed in the route, some time after they did in the settings. */
  RouteChanged: defineEvent("school.route_changed", z.object({})),
  Suspended: defineEvent("school.suspended", z.object({})),
  Resumed: defineEvent("school.resumed", z.object({})),
  /** Where it was found: whoever hears of it finds nothing more in the directory. */
  Removed: defineEvent("school.removed", z.object({ hosts: z.array(z.string().max(253)).max(1000) })),
};
