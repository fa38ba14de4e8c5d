import { defineEvent } from "@lectern/core/kernel/event";
import * as z from "zod";

const Host = z.object({ host: z.string() });

/** Subscribers read the current claim, which may have changed or be gone. */
export const Events = {
  /** An admin added the host, or asked for a check. */
  Requested: defineEvent("domain.requested", Host),
  Removed: defineEvent("domain.removed", Host),
  /** The domain became active, failed, or points elsewhere; subscribers notify the school. */
  Turned: defineEvent("domain.turned", Host.extend({ to: z.enum(["active", "failed", "lost"]) })),
};
