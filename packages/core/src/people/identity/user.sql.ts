import { sql } from "drizzle-orm";
import { check, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { roleNames } from "../../kernel/permission/index.ts";
import { id, instant, timestamps } from "../../kernel/sql/index.ts";
import { foldedSql } from "../../util/fold.ts";

export const userStatuses = ["active", "suspended"] as const;

/** An account of this school. The same e-mail at another school is a separate account with its own password. */
export const userTable = pgTable(
  "user",
  {
    id: id(),
    /** Lower case, trimmed. */
    email: text("email").notNull().unique(),
    /** Null until the person has followed the link in the verification mail. */
    emailVerifiedAt: instant("email_verified_at"),
    givenName: text("given_name").notNull(),
    familyName: text("family_name").notNull().default(""),
    department: text("department"),
    /** Argon2id in PHC form. Null: no password yet (invited, or imported). */
    passwordHash: text("password_hash"),
    status: text("status", { enum: userStatuses }).notNull().default("active"),
    locale: text("locale").notNull().default("en"),
    /** IANA zone; null means the school's. */
    zone: text("zone"),
    /** Sessions that began earlier have ended: set with the password change, reset or suspension that ends them. */
    sessionsValidFrom: instant("sessions_valid_from"),
    lastSignInAt: instant("last_sign_in_at"),
    lastSeenAt: instant("last_seen_at"),
    /** Names and address as a search compares them. */
    folded: text("folded")
      .notNull()
      .generatedAlwaysAs(foldedSql(sql`given_name || ' ' || family_name || ' ' || email`)),
    ...timestamps,
  },
  (t) => [
    // People list, by name, in the order that most languages share (see `util/collation.ts`).
    index("user_name_idx").on(sql`${t.familyName} collate "und-x-icu"`, sql`${t.givenName} collate "und-x-icu"`, t.id),
    index("user_activity_idx").on(t.lastSeenAt), // people list, by activity
    index("user_department_idx").on(t.department),
    check("user_email_check", sql`${t.email} = lower(${t.email})`),
    check("user_status_check", sql`${t.status} in ('active', 'suspended')`),
  ],
);

export const roleGrantTable = pgTable(
  "role_grant",
  {
    userId: text("user_id")
      .notNull()
      .references(() => userTable.id, { onDelete: "cascade" }),
    role: text("role", { enum: roleNames }).notNull(),
    /** Null: given by the platform (the first owner). */
    grantedBy: text("granted_by"),
    createdAt: timestamps.createdAt,
  },
  (t) => [primaryKey({ columns: [t.userId, t.role] }), index("role_grant_role_idx").on(t.role)],
);
