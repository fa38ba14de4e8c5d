import { date, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { id, instant, timestamps } from "../../kernel/sql/index.ts";

export const certificateTable = pgTable(
  "certificate",
  {
    id: id(),
    /** What a person reads out: `LRN-7K2M-9QXT-4F`. Unique, unguessable, without look-alike characters. */
    number: text("number").notNull().unique(),
    enrollmentId: text("enrollment_id").notNull().unique(),
    courseId: text("course_id").notNull(),
    userId: text("user_id").notNull(),
    /** As they stood when it was issued: a certificate does not change with a later rename. */
    learnerName: text("learner_name").notNull(),
    courseTitle: text("course_title").notNull(),
    schoolName: text("school_name").notNull(),
    lessons: integer("lessons").notNull(),
    minutes: integer("minutes").notNull(),
    issuedAt: instant("issued_at").notNull().defaultNow(),
    /** The day of issue in the school's zone at that time: every reader sees the same date. */
    issuedOn: date("issued_on").notNull().defaultNow(),
    revokedAt: instant("revoked_at"),
    revokedReason: text("revoked_reason"),
    createdAt: timestamps.createdAt,
  },
  (t) => [index("certificate_user_idx").on(t.userId)],
);

/**
 * Numbers retired by a reissue. The public check says only that they are no longer valid: the person may have left the
 * name on the paper behind.
 */
export const formerCertificateTable = pgTable(
  "former_certificate",
  {
    number: text("number").primaryKey(),
    certificateId: text("certificate_id")
      .notNull()
      .references(() => certificateTable.id, { onDelete: "cascade" }),
    /** What had become of it when it was retired. */
    status: text("status", { enum: ["replaced", "revoked"] }).notNull(),
    issuedOn: date("issued_on").notNull(),
    retiredAt: instant("retired_at").notNull().defaultNow(),
  },
  (t) => [index("former_certificate_idx").on(t.certificateId)],
);
