import { idBody } from "../../kernel/id/index.ts";

/**
 * Returns the course id of an import: the same id with another prefix, so a second run after a crash finds what the
 * first one left and cannot create a second course.
 */
export const courseIdOf = (importId: string): string => `crs_${idBody(importId)}`;
