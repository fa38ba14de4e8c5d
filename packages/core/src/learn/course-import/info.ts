import * as z from "zod";
import { importStatuses, type importTable } from "./course-import.sql.ts";

const Item = z.object({ what: z.string(), where: z.string(), reason: z.string() });

/**
 * The result of an import: everything in the package is in `moved` or `dropped`; `changed` lists what was converted.
 */
export const Report = z.object({
  title: z.string(),
  kind: z.enum(["markdown", "imscc"]),
  modules: z.number().int(),
  lessons: z.number().int(),
  moved: z.array(Item),
  changed: z.array(Item),
  dropped: z.array(Item),
});
export type Report = z.infer<typeof Report>;

export const Refusal = z.object({ code: z.string(), message: z.string() });
export type Refusal = z.infer<typeof Refusal>;

export const Info = z.object({
  id: z.string(),
  fileName: z.string(),
  status: z.enum(importStatuses),
  percent: z.number().int(),
  /** The draft it became, until that is deleted. */
  courseId: z.string().nullable(),
  /** Of the course, once it is read. */
  title: z.string().nullable(),
  report: Report.nullable(),
  /** Why it failed. */
  refusal: Refusal.nullable(),
  createdAt: z.string(),
});
export type Info = z.infer<typeof Info>;

/** In a list the report is left out: it can be long. */
export const Listed = Info.omit({ report: true });
export type Listed = z.infer<typeof Listed>;

type Row = typeof importTable.$inferSelect;

export function toInfo(row: Row): Info {
  const report = Report.safeParse(row.report);
  const refusal = Refusal.safeParse(row.report);
  return {
    id: row.id,
    fileName: row.fileName,
    status: row.status,
    percent: row.percent,
    courseId: row.courseId,
    title: report.success ? report.data.title : null,
    report: report.success ? report.data : null,
    refusal: !report.success && refusal.success ? refusal.data : null,
    createdAt: row.createdAt.toISOString(),
  };
}
