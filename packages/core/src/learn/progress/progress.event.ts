import * as z from "zod";
import { defineEvent } from "../../kernel/event/index.ts";

/** Both are born in DynamoDB, in the transaction of the fact they tell of. */
export const Events = {
  LessonCompleted: defineEvent(
    "lesson.completed",
    z.object({ courseId: z.string(), userId: z.string(), lessonId: z.string() }),
  ),
  CourseCompleted: defineEvent(
    "course.completed",
    z.object({ courseId: z.string(), userId: z.string(), enrollmentId: z.string() }),
  ),
};
