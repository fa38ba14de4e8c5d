export { Events } from "./course-import.event.ts";
export * as CourseImport from "./index.ts";
export { Info, Listed, Refusal, Report } from "./info.ts";
export { Check } from "./job.ts";
export { get, heavyBytes, list, packageBytes, process, start, undo, upload } from "./queue.ts";
export { fromPath, type Result, run } from "./run.ts";
