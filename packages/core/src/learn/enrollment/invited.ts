import { and, eq, ne } from "drizzle-orm";
import type { Db } from "../../kernel/db/index.ts";
import { isDomainError } from "../../kernel/error/index.ts";
import { courseTable } from "../course/course.sql.ts";
import { enroll } from "./enroll.ts";

/**
 * Enrolls a person who accepts a course invitation, in the open transaction; also in a draft, because its staff invited
 * them. False when they are already enrolled or the course takes no more learners.
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
