import { index, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { id, instant, timestamps } from "../../kernel/sql/index.ts";
import { userTable } from "../../people/identity/user.sql.ts";
import { courseTable } from "../course/course.sql.ts";

export const enrollmentStatuses = ["active", "completed", "withdrawn"] as const;

export const enrollmentTable = pgTable(
  "enrollment",
  {
    id: id(),
    courseId: text("course_id")
      .notNull()
      .references(() => courseTable.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => userTable.id, { onDelete: "cascade" }),
    status: text("status", { enum: enrollmentStatuses }).notNull().default("active"),
    enrolledBy: text("enrolled_by"),
    completedAt: instant("completed_at"),
    ...timestamps,
  },
  (t) => [
    uniqueIndex("enrollment_person_idx").on(t.courseId, t.userId), // one per person and course
    index("enrollment_user_idx").on(t.userId, t.status),
    index("enrollment_course_idx").on(t.courseId, t.status, t.id), // roster
  ],
);
