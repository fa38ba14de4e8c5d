import { defineEvent } from "@lectern/core/kernel/event";
import * as z from "zod";

const Host = z.object({ host: z.string() });

/** A subscriber reads the present claim: it may have moved on, or be gone. */
export const Events = {
  /** Somebody entered it, or asked to look again. */
  Requested: defineEvent("domain.requested", Host),
  Removed: defineEvent("domain.removed", Host),
  /** The school is to be told: it works, it was given up, or it leads elsewhere. */
  Turned: defineEvent("domain.turned", Host.extend({ to: z.enum(["active", "failed", "lost"]) })),
};
