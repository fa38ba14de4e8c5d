import { and, eq, ne } from "drizzle-orm";
import type { Db } from "../../kernel/db/index.ts";
import { isDomainError } from "../../kernel/error/index.ts";
import { courseTable } from "../course/course.sql.ts";
import { enroll } from "./enroll.ts";

/**
 * Enrolls a person who accepts an invitation to a course, in the open transaction. Staff who may enroll others invited them,
 * so a draft takes them too. False when they are enrolled already or the course takes nobody any more.
 */
export async function enrollInvited(
  tx: Db.Tx,
  { courseId, userId, by }: { courseId: string; userId: string; by: string | null },
): Promise<boolean> {
  const [course] = await tx
    .select({ id: courseTable.id })
    .from(courseTable)
    .where(and(eq(courseTable.id, courseId), ne(courseTable.status, "archived")));
  if (!course) return false;
  try {
    await enroll(tx, courseId, userId, by, "That person is already enrolled.");
    return true;
  } catch (error) {
    if (isDomainError(error) && error.code === "enrollment.exists") return false;
    throw error;
  }
}
