import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { dataServices } from "../../kernel/aws/wall.ts";
import { Db } from "../../kernel/db/index.ts";
import { itemsOf, kindOf, writeItems } from "../../kernel/dynamo/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import * as Audit from "../audit/index.ts";
import * as AuthStore from "./auth-store.ts";
import { eraseFromFinder } from "./finder.ts";
import * as Session from "./session.ts";
import * as User from "./user.ts";

/**
 * A person's own rows, in the order of deletion: rows of `table` whose `column` equals the person's `of`. References
 * delete the rest. An id that stays (who made a course, who did what) then identifies no person.
 */
export const ownRows = [
  // Certificates and invitations name the person but have no foreign key.
  { table: "certificate", column: "user_id", of: "id" },
  { table: "invitation", column: "email", of: "email" },
  { table: "user", column: "id", of: "id" },
] as const;

const eraseStatements = (userId: string): SQL[] =>
  ownRows.map(
    ({ table, column, of }) => sql`delete from ${sql.identifier(table)}
      where ${sql.identifier(column)} in (select ${sql.identifier(of)} from "user" where id = ${userId})`,
  );

interface Listeners {
  /** Called when nothing speaks against it and nothing is erased yet. */
  readonly onAllowed?: () => Promise<void>;
  readonly onStep?: (step: "unlisted" | "rows" | "items") => void | Promise<void>;
}

/**
 * Erases a person of the actor's school: rows, items, sessions, refresh tokens and their "find my school" entry.
 * Running it again erases leftovers. Returns whether the account still existed.
 * @throws user.not_found unless `isBegun`; user.last_owner
 */
export const erase = fn.system(
  "an operator erases a person",
  z.object({
    userId: z.string(),
    isBegun: z.boolean().default(false),
    listeners: z.custom<Listeners>().default({}),
  }),
  async ({ userId, isBegun, listeners }): Promise<boolean> => {
    const person = await Db.use(async (tx) => {
      const found = await User.read(tx, userId).catch((error: unknown) => {
        if (isBegun && error instanceof DomainError && error.code === "user.not_found") return undefined;
        throw error;
      });
      if (found?.roles.includes("owner")) await User.requireAnotherOwner(tx, userId);
      return found;
    });
    await listeners.onAllowed?.();
    // Found by the address, which the row alone knows.
    if (person) await eraseFromFinder(person.email);
    await listeners.onStep?.("unlisted");
    await Db.use(async (tx) => {
      if (person?.roles.includes("owner")) await User.requireAnotherOwner(tx, userId);
      for (const statement of eraseStatements(userId)) await tx.execute(statement);
      if (person) await Audit.record({ action: "user.erased", targetType: "user", targetId: userId });
    });
    await listeners.onStep?.("rows");
    // After the row: without it no session is valid, so none can write new items.
    await eraseItems(userId);
    await Session.sweep(userId);
    await listeners.onStep?.("items");
    return person !== undefined;
  },
);

/** Deletes every item of a person of the actor's school, sessions included, and their refresh tokens. */
export async function eraseItems(userId: string): Promise<void> {
  for (const service of dataServices) {
    const items = await itemsOf(service, userId);
    for (const item of items)
      if (kindOf(item) === "session")
        await AuthStore.dropRefresh(AuthStore.subjectOf({ userId, sessionId: String(item.sessionId) }));
    await writeItems({ remove: items });
  }
}
