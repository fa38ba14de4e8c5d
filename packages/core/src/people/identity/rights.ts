import { eq, sql } from "drizzle-orm";
import { useSchool } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { cache } from "../../kernel/directory/cache.ts";
import { type PermissionName, permissionsOf, type Role } from "../../kernel/permission/index.ts";
import { roleGrantTable, type userStatuses, userTable } from "./user.sql.ts";

/** What each request needs to know of a person. Read from Postgres, never from a cookie or a token. */
export interface Rights {
  readonly userId: string;
  readonly status: (typeof userStatuses)[number];
  readonly roles: readonly Role[];
  readonly locale: string;
  readonly zone: string | null;
  /** Epoch milliseconds: sessions that began earlier have ended. */
  readonly sessionsValidFrom: number;
}

/** A role taken away or a suspension is felt everywhere within this time. */
export const rememberMs = 30_000;

const known = cache(rememberMs, (name) => read(name.slice(name.indexOf("/") + 1)));
const nameOf = (userId: string): string => `${useSchool().schoolId}/${userId}`;

/** The person's rights in the actor's school; undefined when there is no such account. */
export const of = (userId: string): Promise<Rights | undefined> => known.get(nameOf(userId));

/** Drops this process's cached rights of a person. Call it once the change is committed. */
export function forget(userId: string): void {
  const name = nameOf(userId);
  known.forget((entry) => entry === name);
}

const read = (userId: string): Promise<Rights | undefined> =>
  Db.use(async (tx) => {
    const [row] = await tx
      .select({
        userId: userTable.id,
        status: userTable.status,
        locale: userTable.locale,
        zone: userTable.zone,
        sessionsValidFrom: userTable.sessionsValidFrom,
        roles: rolesOfUser,
      })
      .from(userTable)
      .where(eq(userTable.id, userId));
    return row && { ...row, sessionsValidFrom: row.sessionsValidFrom?.getTime() ?? 0 };
  });

/** May this person do it now? Uncached, for work that takes effect long after the request. */
export async function mayStill(userId: string, permission: PermissionName): Promise<boolean> {
  const rights = await read(userId);
  return rights?.status === "active" && permissionsOf(rights.roles).has(permission);
}

/** Returns a person's roles as a column of a query over `userTable`, so a list of people stays one query. */
export const rolesOfUser = sql<Role[]>`(
  select coalesce(jsonb_agg(${roleGrantTable.role} order by ${roleGrantTable.role}), '[]'::jsonb)
  from ${roleGrantTable} where ${roleGrantTable.userId} = ${userTable.id})`;

export * as Rights from "./rights.ts";
