import { and, eq } from "drizzle-orm";
import * as z from "zod";
import { Recipients } from "../../people/identity/index.ts";
import { userTable } from "../../people/identity/user.sql.ts";
import { courseTable } from "../course/course.sql.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { readOutline } from "./outline.ts";

const { about, recipientColumns, toRecipient } = Recipients;

/** Who enrolled in which course, and where it begins. Null when they have left it again. */
export const enrolledMail = about(z.object({ enrollmentId: z.string() }), async (tx, { enrollmentId }) => {
  const [row] = await tx
    .select({
      ...recipientColumns,
      status: enrollmentTable.status,
      enrolledBy: enrollmentTable.enrolledBy,
      courseId: courseTable.id,
      slug: courseTable.slug,
      title: courseTable.title,
      summary: courseTable.summary,
    })
    .from(enrollmentTable)
    .innerJoin(courseTable, eq(courseTable.id, enrollmentTable.courseId))
    .innerJoin(userTable, eq(userTable.id, enrollmentTable.userId))
    .where(and(eq(enrollmentTable.id, enrollmentId), eq(userTable.status, "active")));
  if (!row || row.status === "withdrawn") return null;
  const { lessons = [] } = (await readOutline(row.courseId)) ?? {};
  const [first] = lessons;
  return {
    to: toRecipient(row),
    /** Somebody else did it for them. */
    isByStaff: row.enrolledBy !== row.userId,
    course: {
      id: row.courseId,
      slug: row.slug,
      title: row.title,
      summary: row.summary,
      lessons: lessons.length,
      minutes: lessons.reduce((sum, lesson) => sum + lesson.minutes, 0),
    },
    first: first ? { slug: first.slug, title: first.title } : null,
  };
});
