import { eq, sql } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Metric } from "../../kernel/metric/index.ts";
import { Events } from "./enrollment.event.ts";
import { enrollmentStatuses, enrollmentTable } from "./enrollment.sql.ts";

export const Info = z.object({
  id: z.string(),
  courseId: z.string(),
  userId: z.string(),
  status: z.enum(enrollmentStatuses),
  /** ISO, when the person first enrolled. */
  createdAt: z.string(),
  completedAt: z.string().nullable(),
});
export type Info = z.infer<typeof Info>;

type Row = typeof enrollmentTable.$inferSelect;

/** Enrolls a person, or brings back who had left. DomainError conflict `enrollment.exists`. */
export async function enroll(
  tx: Db.Tx,
  courseId: string,
  userId: string,
  by: string | null,
  refusal: string,
): Promise<Info> {
  const [row] = await tx
    .insert(enrollmentTable)
    .values({ id: createId("enrollment"), courseId, userId, enrolledBy: by })
    .onConflictDoUpdate({
      target: [enrollmentTable.courseId, enrollmentTable.userId],
      set: {
        status: sql`case when ${enrollmentTable.completedAt} is null then 'active' else 'completed' end`,
        enrolledBy: by,
        updatedAt: new Date(),
      },
      setWhere: eq(enrollmentTable.status, "withdrawn"),
    })
    .returning();
  if (!row) throw new DomainError("conflict", "enrollment.exists", refusal);
  await Events.Created.emit({ enrollmentId: row.id, courseId, userId });
  Db.afterCommit(() => Metric.userActivity("enrolled"));
  return toInfo(row);
}

export const toInfo = (row: Row): Info => ({
  id: row.id,
  courseId: row.courseId,
  userId: row.userId,
  status: row.status,
  createdAt: row.createdAt.toISOString(),
  completedAt: row.completedAt?.toISOString() ?? null,
});
