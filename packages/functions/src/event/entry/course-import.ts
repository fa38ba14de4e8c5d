import { courseImport } from "../reactions/course-import.ts";

export const { handler } = courseImport;
