import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant } from "../../kernel/sql/index.ts";

/** What each consumer has done already: delivery is at least once, effects are once. */
export const inboxTable = pgTable(
  "inbox",
  {
    consumer: text("consumer").notNull(),
    eventId: text("event_id").notNull(),
    at: instant("at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.consumer, t.eventId] }), index("inbox_at_idx").on(t.at)],
);
