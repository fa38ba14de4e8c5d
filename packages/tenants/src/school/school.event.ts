import { defineEvent } from "@lectern/core/kernel/event";
import * as z from "zod";

/** Past tense, ids only: subscribers read the current route. */
export const Events = {
  Created: defineEvent("school.created", z.object({})),
  BrandChanged: defineEvent("school.brand_changed", z.object({})),
  /** The route's language or time zone changed, some time after the settings did. */
  RouteChanged: defineEvent("school.route_changed", z.object({})),
  Suspended: defineEvent("school.suspended", z.object({})),
  Resumed: defineEvent("school.resumed", z.object({})),
  /** Contains the hosts, because the directory no longer has them. */
  Removed: defineEvent("school.removed", z.object({ hosts: z.array(z.string().max(253)).max(1000) })),
};
