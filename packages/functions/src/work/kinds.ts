import type { DueKind } from "@lectern/core/kernel/due";
import * as CourseImport from "@lectern/core/learn/course-import";

/** Every kind of timer. Each is defined by its domain; the worker runs what is listed here. */
export const dueKinds: readonly DueKind[] = [CourseImport.Check];
