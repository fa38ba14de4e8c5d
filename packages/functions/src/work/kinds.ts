import * as CourseImport from "@lectern/core/course-import";
import type { DueKind } from "@lectern/core/kernel/due";

/** Every kind of timer. Each is defined by its domain; the worker runs what is listed here. */
export const dueKinds: readonly DueKind[] = [CourseImport.Check];
