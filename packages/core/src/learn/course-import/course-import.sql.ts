import { index, integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { id, timestamps } from "../../kernel/sql/index.ts";
import { courseTable } from "../course/course.sql.ts";

export const importStatuses = ["waiting", "queued", "running", "done", "failed", "undone"] as const;

export const importTable = pgTable(
  "import",
  {
    id: id(),
    /** Key of the upload in the packages bucket. */
    packageKey: text("package_key").notNull(),
    fileName: text("file_name").notNull(),
    status: text("status", { enum: importStatuses }).notNull().default("waiting"),
    percent: integer("percent").notNull().default(0),
    courseId: text("course_id").references(() => courseTable.id, { onDelete: "set null" }),
    /** { title, kind, modules, lessons, moved, changed, dropped } or { code, message } of the refusal. */
    report: jsonb("report"),
    createdBy: text("created_by"),
    ...timestamps,
  },
  (t) => [index("import_created_idx").on(t.createdAt)],
);
