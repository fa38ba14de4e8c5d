import { and, desc, eq, getTableColumns, type InferSelectModel, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import * as z from "zod";
import { categoryTable, courseTable, enrollmentTable } from "../course/course.sql.ts";
import { auditTable, invitationTable, roleRequestTable, userTable } from "../identity/identity.sql.ts";
import { stamp, useActor } from "../kernel/actor/index.ts";
import { Db } from "../kernel/db/index.ts";
import { fn } from "../kernel/fn/index.ts";
import { createId } from "../kernel/id/index.ts";
import { fromCursor, pageInput, pageOf } from "../util/cursor.ts";

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

export interface Entry {
  readonly action: string;
  readonly targetType: string;
  readonly targetId: string;
  /** Small, and without secrets: what a person needs to understand the change. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Writes an entry in the open transaction, so a change and its trace are committed together. */
export async function record(entry: Entry): Promise<void> {
  const actor = useActor();
  const { type, id } = stamp(actor);
  await Db.use((tx) =>
    tx.insert(auditTable).values({
      id: createId("audit"),
      actorType: type,
      actorId: id,
      action: entry.action,
      targetType: entry.targetType,
      targetId: entry.targetId,
      data: entry.data ?? {},
      requestId: actor.requestId,
      isSystem: actor.type === "system",
    }),
  );
}

const targetUser = alias(userTable, "target_user");
/** An enrolment and a request are called after their person. */
const whom = sql`coalesce(${enrollmentTable.userId}, ${roleRequestTable.userId}, ${auditTable.targetId})`;
const targetName = sql<string | null>`coalesce(
  nullif(trim(${targetUser.givenName} || ' ' || coalesce(${targetUser.familyName}, '')), ''),
  ${courseTable.title}, ${invitationTable.email}, ${categoryTable.name},
  case when ${auditTable.targetType} = 'domain' then ${auditTable.targetId} end)`;

/** The trail, newest first. */
export const list = fn(
  "school.audit",
  z.object({
    action: z.string().max(100).optional(),
    actorId: z.string().max(100).optional(),
    targetType: z.string().max(100).optional(),
    targetId: z.string().max(100).optional(),
    ...pageInput,
  }),
  ({ action, actorId, targetType, targetId, cursor, limit }) =>
    Db.use(async (tx) => {
      const where: SQL[] = [];
      if (action) where.push(eq(auditTable.action, action));
      if (actorId) where.push(eq(auditTable.actorId, actorId));
      if (targetType) where.push(eq(auditTable.targetType, targetType));
      if (targetId) where.push(eq(auditTable.targetId, targetId));
      if (cursor) {
        const [at, id] = fromCursor(cursor, z.tuple([z.iso.datetime(), z.string()]));
        where.push(sql`(${auditTable.at}, ${auditTable.id}) < (${at}::timestamptz, ${id})`);
      }
      const rows = await tx
        .select({
          ...getTableColumns(auditTable),
          givenName: userTable.givenName,
          familyName: userTable.familyName,
          targetName,
        })
        .from(auditTable)
        .leftJoin(userTable, eq(userTable.id, auditTable.actorId))
        .leftJoin(enrollmentTable, eq(enrollmentTable.id, auditTable.targetId))
        .leftJoin(roleRequestTable, eq(roleRequestTable.id, auditTable.targetId))
        .leftJoin(targetUser, eq(targetUser.id, whom))
        .leftJoin(courseTable, eq(courseTable.id, auditTable.targetId))
        .leftJoin(invitationTable, eq(invitationTable.id, auditTable.targetId))
        .leftJoin(categoryTable, eq(categoryTable.id, auditTable.targetId))
        .where(and(...where))
        .orderBy(desc(auditTable.at), desc(auditTable.id))
        .limit(limit + 1);
      return pageOf(rows, limit, toInfo, (row) => [row.at.toISOString(), row.id]);
    }),
);

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
  target: { type: row.targetType, id: row.targetId, name: row.targetName },
  data: z.record(z.string(), z.unknown()).parse(row.data),
  requestId: row.requestId,
});

export * as Audit from "./index.ts";
