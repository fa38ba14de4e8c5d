import * as z from "zod";

/** One school's visit of a round. */
export const VisitMessage = z.object({
  type: z.literal("visit"),
  schoolId: z.string(),
  visit: z.string(),
  /** The round. */
  slot: z.string(),
});
export type VisitMessage = z.infer<typeof VisitMessage>;

/** One timer that is due (core/kernel/due). */
export const DueMessage = z.object({
  type: z.literal("due"),
  schoolId: z.string(),
  key: z.string(),
  dueId: z.string(),
  kind: z.string(),
  /** JSON. */
  data: z.string(),
  at: z.string(),
});
export type DueMessage = z.infer<typeof DueMessage>;

/** What the queue `school-work` carries: each message is work in one school. */
export const WorkMessage = z.discriminatedUnion("type", [VisitMessage, DueMessage]);
export type WorkMessage = z.infer<typeof WorkMessage>;
