import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from "drizzle-orm/pg-core";
import { lessonFormats } from "../../content/rendering/targets.ts";
import { id, instant, timestamps } from "../../kernel/sql/index.ts";
import { userTable } from "../../people/identity/user.sql.ts";
import { foldedSql } from "../../util/fold.ts";
import { categoryTable } from "../category/category.sql.ts";

const tsvector = customType<{ data: string }>({ dataType: () => "tsvector" });

export const courseStatuses = ["draft", "published", "archived"] as const;
export const courseLevels = ["any", "beginner", "intermediate", "advanced"] as const;

export const courseTable = pgTable(
  "course",
  {
    id: id(),
    slug: text("slug").notNull().unique(),
    title: text("title").notNull(),
    /** The promise in one sentence. */
    summary: text("summary").notNull().default(""),
    /** Sanitised HTML. */
    descriptionHtml: text("description_html").notNull().default(""),
    status: text("status", { enum: courseStatuses }).notNull().default("draft"),
    level: text("level", { enum: courseLevels }).notNull().default("any"),
    language: text("language").notNull().default("en"),
    categoryId: text("category_id").references(() => categoryTable.id, { onDelete: "set null" }),
    /** The cover's media key (an asset), or null: the page then draws one from the title. */
    coverAssetId: text("cover_asset_id").references((): AnyPgColumn => assetTable.id, { onDelete: "set null" }),
    outcomes: jsonb("outcomes").$type<string[]>().notNull().default([]),
    /** Free for now; money comes with its own tables. */
    price: text("price", { enum: ["free"] })
      .notNull()
      .default("free"),
    /**
     * Counts published lessons that are not empty. Each change of lessons updates it in its transaction, so a list
     * needs no count.
     */
    lessonCount: integer("lesson_count").notNull().default(0),
    minutes: integer("minutes").notNull().default(0),
    publishedAt: instant("published_at"),
    createdBy: text("created_by"),
    /** ETag of the course; every change adds one. */
    version: integer("version").notNull().default(1),
    /**
     * The catalog's search words: title (A), summary (B), published lessons' titles (C) and description (D).
     * `refreshCourse` writes it in each transaction that changes one of them, because a generated column cannot see
     * lessons. JavaScript splits the words (`search.ts`), so that query and document agree.
     */
    search: tsvector("search").notNull().default(sql`''::tsvector`),
    /** The same words, each with one letter left out in every way, to find misspelled words. */
    typo: tsvector("typo").notNull().default(sql`''::tsvector`),
    /** The title as the studio's filter compares it. */
    folded: text("folded").notNull().generatedAlwaysAs(foldedSql(sql`title`)),
    ...timestamps,
  },
  (t) => [
    index("course_status_idx").on(t.status, t.publishedAt, t.id), // catalog, newest first
    index("course_category_idx").on(t.categoryId, t.status),
    index("course_search_idx").using("gin", t.search), // catalog search
    index("course_typo_idx").using("gin", t.typo), // catalog search that found nothing: the misspelt word
    index("course_cover_idx").on(t.coverAssetId), // deleting an asset sets the cover null
    check("course_status_check", sql`${t.status} in ('draft', 'published', 'archived')`),
  ],
);

/** Who teaches a course. Narrows `own` permissions of instructors and assistants. */
export const courseStaffTable = pgTable(
  "course_staff",
  {
    courseId: text("course_id")
      .notNull()
      .references(() => courseTable.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => userTable.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["instructor", "assistant"] }).notNull(),
    createdAt: timestamps.createdAt,
  },
  (t) => [primaryKey({ columns: [t.courseId, t.userId] }), index("course_staff_user_idx").on(t.userId)],
);

export const courseModuleTable = pgTable(
  "course_module",
  {
    id: id(),
    courseId: text("course_id")
      .notNull()
      .references(() => courseTable.id, { onDelete: "cascade" }),
    title: text("title").notNull(),
    /** Within its course: dense, from 0. */
    position: integer("position").notNull(),
    ...timestamps,
  },
  (t) => [index("course_module_course_idx").on(t.courseId, t.position)], // outline,
);

/**
 * What completes a lesson. `done`: the learner marks it. The others are facts that another part of Lectern records: the
 * lesson was opened, its video watched, its quiz passed, its session attended.
 */
export const completionRules = ["done", "opened", "watched", "passed", "attended"] as const;

export const lessonTable = pgTable(
  "lesson",
  {
    id: id(),
    courseId: text("course_id")
      .notNull()
      .references(() => courseTable.id, { onDelete: "cascade" }),
    moduleId: text("module_id")
      .notNull()
      .references(() => courseModuleTable.id, { onDelete: "cascade" }),
    slug: text("slug").notNull(),
    title: text("title").notNull(),
    format: text("format", { enum: lessonFormats }).notNull(),
    /** The author's source: Markdown or HTML; an address for a link, an asset id for a file. */
    source: text("source").notNull().default(""),
    /** What the learner reads: sanitised, links resolved. */
    html: text("html").notNull().default(""),
    /**
     * The files that the page shows or links, generated by Postgres, so no writer can forget them. The pattern runs in
     * linear time.
     */
    assetIds: text("asset_ids")
      .array()
      .notNull()
      .generatedAlwaysAs(
        sql`array_remove(array_remove(string_to_array(regexp_replace(html, '(/media/ast_[0-9a-z]{26}/)|[^/]+|/', '\\1', 'g'), '/'), 'media'), '')`,
      ),
    status: text("status", { enum: ["draft", "published"] })
      .notNull()
      .default("draft"),
    /** Nothing to read, see or hear in `html`. An empty lesson does not count toward completion. */
    isEmpty: boolean("is_empty")
      .notNull()
      .generatedAlwaysAs(
        sql`html !~* '<(img|picture|video|audio|iframe|svg|math|input|object|embed)[\\s>/]' and regexp_replace(html, '<[^>]*>|&nbsp;|&#160;|[\\s\\u00a0\\u200b\\ufeff]+', '', 'g') = ''`,
      ),
    /** Within its module: dense, from 0. */
    position: integer("position").notNull(),
    minutes: integer("minutes").notNull().default(1),
    /** What completes it (`learn/progress`). */
    completionRule: text("completion_rule", { enum: completionRules }).notNull().default("done"),
    isPreview: boolean("is_preview").notNull().default(false),
    version: integer("version").notNull().default(1),
    ...timestamps,
  },
  (t) => [
    unique("lesson_slug_key").on(t.courseId, t.slug),
    index("lesson_course_idx").on(t.courseId, t.position), // outline of a course in one range
    index("lesson_module_idx").on(t.moduleId, t.position), // moving lessons within a module
  ],
);

/** Copies of texts before a save, for viewing and restoring. The oldest of many are evicted. */
export const textVersionTable = pgTable(
  "text_version",
  {
    id: id(),
    courseId: text("course_id")
      .notNull()
      .references(() => courseTable.id, { onDelete: "cascade" }),
    /** Null for the texts of the course itself. */
    lessonId: text("lesson_id").references(() => lessonTable.id, { onDelete: "cascade" }),
    /** By field: title and source of a lesson; title, summary, descriptionHtml and outcomes of a course. */
    texts: jsonb("texts").$type<Record<string, string>>().notNull(),
    /** Whose save replaced it; null for an API key. */
    replacedBy: text("replaced_by"),
    createdAt: timestamps.createdAt,
  },
  (t) => [
    index("text_version_course_idx").on(t.courseId, t.lessonId, t.id), // history, newest first
    index("text_version_lesson_idx").on(t.lessonId), // deleting a lesson deletes its copies
  ],
);

/** A file of a course. Its object lies at `<schoolId>/course/<courseId>/<assetId>/<file name>` in the media bucket. */
export const assetTable = pgTable(
  "asset",
  {
    id: id(),
    courseId: text("course_id").references((): AnyPgColumn => courseTable.id, { onDelete: "cascade" }),
    /** Where it lay in the package it came from. */
    path: text("path").notNull(),
    fileName: text("file_name").notNull(),
    contentType: text("content_type").notNull(),
    bytes: bigint("bytes", { mode: "number" }).notNull(),
    sha256: text("sha256").notNull(),
    key: text("key").notNull().unique(),
    createdAt: timestamps.createdAt,
  },
  (t) => [index("asset_course_idx").on(t.courseId)],
);
