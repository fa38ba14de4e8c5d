import { idBody } from "../../kernel/id/index.ts";

/**
 * The course an import makes has the import's own id behind another prefix: an import that is run again after a crash
 * finds what the first run left, and cannot make a second course.
 */
export const courseIdOf = (importId: string): string => `crs_${idBody(importId)}`;
