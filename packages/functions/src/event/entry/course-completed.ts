import { courseCompleted } from "../reactions/course-completed.ts";

export const { handler } = courseCompleted;
