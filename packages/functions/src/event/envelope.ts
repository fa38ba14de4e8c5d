import * as z from "zod";

/** Parses what came over the bus: somebody with rights on it could put anything there. */
export const Envelope = z.object({
  id: z.string().regex(/^evt_[0-9a-hjkmnp-tv-z]{26}$/),
  type: z.string().regex(/^[a-z_]+\.[a-z_]+$/),
  version: z.number().int().min(1),
  schoolId: z.string().regex(/^sch_[0-9a-hjkmnp-tv-z]{26}$/),
  actor: z.object({ type: z.enum(["public", "user", "system"]), id: z.string().nullable() }),
  occurredAt: z.iso.datetime(),
  correlationId: z.string(),
  causationId: z.string().nullable(),
  data: z.unknown(),
});

export const BusMessage = z.object({
  id: z.string(),
  source: z.string(),
  "detail-type": z.string(),
  detail: z.unknown(),
});
