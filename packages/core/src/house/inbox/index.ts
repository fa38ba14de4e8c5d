import { lt, sql } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { inboxTable } from "./inbox.sql.ts";

/**
 * Runs `work` in one transaction with the record that this consumer has seen this event, so redelivery does not repeat
 * its effect in Postgres. Undefined for an event that was seen before.
 */
export async function once<T>(
  consumer: string,
  event: { readonly id: string },
  work: (tx: Db.Tx) => Promise<T>,
): Promise<T | undefined> {
  return Db.use(
    async (tx) => {
      const rows = await tx
        .insert(inboxTable)
        .values({ consumer, eventId: event.id })
        .onConflictDoNothing()
        .returning({ eventId: inboxTable.eventId });
      return rows.length === 0 ? undefined : work(tx);
    },
    { kind: "job" },
  );
}

/** Deletes records too old for any queue to redeliver their event. Nightly. */
export const purge = fn.system(
  "only the nightly cron calls it, as the system",
  z.object({ days: z.number().int().min(15).default(30) }).prefault({}),
  async ({ days }) => {
    const before = sql`now() - make_interval(days => ${days})`;
    await Db.use((tx) => tx.delete(inboxTable).where(lt(inboxTable.at, before)), { kind: "job" });
  },
);

export * as Inbox from "./index.ts";
