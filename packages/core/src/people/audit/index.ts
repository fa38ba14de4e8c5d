import { and, desc, eq, getTableColumns, type InferSelectModel, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import * as z from "zod";
import { stamp, useActor, useSchool } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { shownEmail } from "../../util/email/index.ts";
import { mostExported, requireExportable } from "../../util/export.ts";
import { foldedHas, foldedSql } from "../../util/fold.ts";
import { invitationTable } from "../identity/identity.sql.ts";
import { userTable } from "../identity/user.sql.ts";
import { auditTable } from "./audit.sql.ts";

export const Info = z.object({
  id: z.string(),
  /** ISO instant. */
  at: z.string(),
  /** `name` is the person's, where the id is one of this school's people. */
  actor: z.object({ type: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
  /** noun.verb, such as `role.granted`. */
  action: z.string(),
  /** `name` is what people call it, while it is there. */
  target: z.object({ type: z.string(), id: z.string(), name: z.string().nullable() }),
  data: z.record(z.string(), z.unknown()),
  requestId: z.string(),
});
export type Info = z.infer<typeof Info>;

interface Change {
  /** Who did it, where that is not the actor: somebody who opens a school is its owner from then on. */
  readonly by?: { readonly userId: string };
  /** noun.verb, such as `role.granted`. */
  readonly action: string;
  /** Small, and without secrets: what a person needs to understand the change. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** What was changed. `targetLabel` is what people call it now; names and addresses of people are read live instead. */
type Target =
  | { readonly targetType: "school" | "user" | "invitation" | "domain"; readonly targetId: string }
  | {
      readonly targetType: "course" | "category" | "apiKey";
      readonly targetId: string;
      readonly targetLabel: string;
    }
  | {
      readonly targetType: "enrollment" | "role_request";
      readonly targetId: string;
      /** Whose it is. */
      readonly targetUserId: string;
    };

export type Entry = Change & Target;

/** Writes an entry in the open transaction, so a change and its trace are committed together. */
export async function record(entry: Entry): Promise<void> {
  const actor = useActor();
  const { type, id } = entry.by ? { type: "user", id: entry.by.userId } : stamp(actor);
  const { targetType, targetId } = entry;
  await Db.use((tx) =>
    tx.insert(auditTable).values({
      id: createId("audit"),
      actorType: type,
      actorId: id,
      action: entry.action,
      targetType,
      targetId,
      targetLabel: "targetLabel" in entry ? entry.targetLabel : targetType === "domain" ? targetId : null,
      targetUserId: "targetUserId" in entry ? entry.targetUserId : targetType === "user" ? targetId : null,
      data: entry.data ?? {},
      requestId: actor.requestId,
      isSystem: type === "system",
    }),
  );
}

/** What a change has changed, for `data`: each field that differs, as it was and as it is. */
export function changes<T extends object>(before: T, after: T): { before: Partial<T>; after: Partial<T> } {
  const differs = (field: keyof T) => JSON.stringify(before[field]) !== JSON.stringify(after[field]);
  const fields = (Object.keys(after) as (keyof T)[]).filter(differs);
  const part = (of: T) => Object.fromEntries(fields.map((field) => [field, of[field] ?? null])) as Partial<T>;
  return { before: part(before), after: part(after) };
}

const targetUser = alias(userTable, "target_user");
const targetName = sql<string | null>`coalesce(
  nullif(trim(${targetUser.givenName} || ' ' || coalesce(${targetUser.familyName}, '')), ''),
  ${invitationTable.email}, ${auditTable.targetLabel})`;

const filters = {
  /** Noun of the action: `role` finds role.granted and role.revoked. */
  kind: z
    .string()
    .regex(/^[a-z_]{1,40}$/, "That is not a kind of entry.")
    .optional(),
  action: z.string().max(100).optional(),
  actorId: z.string().max(100).optional(),
  targetType: z.string().max(100).optional(),
  targetId: z.string().max(100).optional(),
  /** First and last day of a period, in the reader's time zone. */
  from: z.iso.date("Please write a day as 2026-11-30.").optional(),
  to: z.iso.date("Please write a day as 2026-11-30.").optional(),
  /** Words of a name, a title, an address, an action or what was changed. */
  q: z.string().trim().max(100).optional(),
};

/** The trail, newest first. `q` reads the entries of the period one by one. One query. */
export const list = fn.any("school.audit", z.object({ ...filters, ...pageInput }), ({ cursor, limit, ...asked }) =>
  Db.use(async (tx) => {
    const where = whereOf(asked);
    if (cursor) {
      const [at, id] = fromCursor(cursor, z.tuple([z.iso.datetime(), z.string()]));
      where.push(sql`(${auditTable.at}, ${auditTable.id}) < (${at}::timestamptz, ${id})`);
    }
    return pageOf(await read(tx, where, limit + 1), limit, toInfo, (row) => [row.at.toISOString(), row.id]);
  }),
);

/** Every entry that the filters let through, to be taken away, which is an entry itself. Refusal: export.too_large. */
export const exportAll = fn.any("school.audit", z.object(filters), (asked) =>
  Db.use(async (tx) => {
    const rows = requireExportable(await read(tx, whereOf(asked), mostExported + 1));
    await record({
      action: "audit.exported",
      targetType: "school",
      targetId: useSchool().schoolId,
      data: { entries: rows.length, ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value)) },
    });
    return rows.map(toInfo);
  }),
);

function whereOf({ kind, action, actorId, targetType, targetId, from, to, q }: z.output<z.ZodObject<typeof filters>>) {
  const where: SQL[] = [];
  if (kind) where.push(sql`starts_with(${auditTable.action}, ${`${kind}.`})`);
  if (action) where.push(eq(auditTable.action, action));
  if (actorId) where.push(eq(auditTable.actorId, actorId));
  if (targetType) where.push(eq(auditTable.targetType, targetType));
  if (targetId) where.push(eq(auditTable.targetId, targetId));
  const actor = useActor();
  const zone = actor.type === "user" ? actor.zone : actor.school.zone;
  if (from) where.push(sql`${auditTable.at} >= ${from}::timestamp at time zone ${zone}`);
  if (to) where.push(sql`${auditTable.at} < (${to}::timestamp + interval '1 day') at time zone ${zone}`);
  const has = q && foldedHas(searched, q);
  if (has) where.push(has);
  return where;
}

const searched = sql`concat_ws(' ', ${userTable.folded}, ${targetUser.folded},
  ${foldedSql(sql`concat_ws(' ', ${auditTable.action}, ${auditTable.targetLabel}, ${invitationTable.email}, ${auditTable.data}::text)`)})`;

const read = (tx: Db.Tx, where: readonly SQL[], limit: number) =>
  tx
    .select({
      ...getTableColumns(auditTable),
      givenName: userTable.givenName,
      familyName: userTable.familyName,
      targetName,
    })
    .from(auditTable)
    .leftJoin(userTable, eq(userTable.id, auditTable.actorId))
    .leftJoin(targetUser, eq(targetUser.id, auditTable.targetUserId))
    .leftJoin(invitationTable, eq(invitationTable.id, auditTable.targetId))
    .where(and(...where))
    .orderBy(desc(auditTable.at), desc(auditTable.id))
    .limit(limit);

interface Row extends InferSelectModel<typeof auditTable> {
  readonly givenName: string | null;
  readonly familyName: string | null;
  readonly targetName: string | null;
}

const toInfo = (row: Row): Info => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: {
    type: row.actorType,
    id: row.actorId,
    name: row.givenName === null ? null : `${row.givenName} ${row.familyName ?? ""}`.trim(),
  },
  action: row.action,
  target: { type: row.targetType, id: row.targetId, name: nameOf(row) },
  data: z.record(z.string(), z.unknown()).parse(row.data),
  requestId: row.requestId,
});

const nameOf = ({ targetType, targetName }: Row): string | null =>
  targetType === "school"
    ? useSchool().name
    : targetType === "invitation" && targetName
      ? shownEmail(targetName)
      : targetName;

export * as Audit from "./index.ts";
