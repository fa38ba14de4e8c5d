import { sql } from "drizzle-orm";
import { boolean, check, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { roleNames } from "../kernel/permission/index.ts";
import { id, instant, timestamps } from "../kernel/sql/index.ts";
import { foldedSql } from "../util/fold.ts";
import type { Wish } from "./wish.ts";

export const userStatuses = ["active", "suspended"] as const;

/** An account of this school. The same e-mail at another school is another account with another password. */
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
    /** Sessions begun before this are over: written with the password change, reset or suspension that ends them. */
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

export const roleRequestStatuses = ["pending", "approved", "declined"] as const;

/** "Apply as instructor": waits for an admin's yes. */
export const roleRequestTable = pgTable(
  "role_request",
  {
    id: id(),
    userId: text("user_id")
      .notNull()
      .references(() => userTable.id, { onDelete: "cascade" }),
    role: text("role", { enum: roleNames }).notNull(),
    message: text("message").notNull().default(""),
    status: text("status", { enum: roleRequestStatuses }).notNull().default("pending"),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    ...timestamps,
  },
  (t) => [
    uniqueIndex("role_request_pending_idx").on(t.userId, t.role).where(sql`${t.status} = 'pending'`), // one open request
    index("role_request_status_idx").on(t.status, t.createdAt),
  ],
);

export const invitationTable = pgTable(
  "invitation",
  {
    id: id(),
    email: text("email").notNull(),
    roles: jsonb("roles").$type<(typeof roleNames)[number][]>().notNull(),
    message: text("message").notNull().default(""),
    /** Accepting enrolls in this course. No reference: a course that is deleted leaves an invitation to the school. */
    courseId: text("course_id"),
    /** SHA-256 of the token in the mail. Null until the consumer that sends the mail has minted it. */
    tokenHash: text("token_hash").unique(),
    /** Null: the platform itself. Judged again when the invitation is accepted. */
    invitedBy: text("invited_by"),
    /** The API key that `invitedBy` used, where one was: the invitation ends with it. */
    viaKey: text("via_key"),
    expiresAt: instant("expires_at").notNull(),
    acceptedAt: instant("accepted_at"),
    revokedAt: instant("revoked_at"),
    ...timestamps,
  },
  (t) => [
    uniqueIndex("invitation_open_idx").on(t.email).where(sql`${t.acceptedAt} is null and ${t.revokedAt} is null`),
    index("invitation_created_idx").on(t.createdAt),
    index("invitation_inviter_idx").on(t.invitedBy), // a suspension or a role taken revokes them
  ],
);

export const emailTokenPurposes = [
  "verify_email",
  "reset_password",
  /** A code that carries a proved sign-in from one of our hosts to another. */
  "sign_in",
  "change_email",
  "undo_email_change",
] as const;

/** What an account's mail carries. The request writes the row; the consumer mints the token. */
export const emailTokenTable = pgTable(
  "email_token",
  {
    id: id(),
    userId: text("user_id")
      .notNull()
      .references(() => userTable.id, { onDelete: "cascade" }),
    purpose: text("purpose", { enum: emailTokenPurposes }).notNull(),
    tokenHash: text("token_hash").unique(),
    /** The password of the sign-up that asked for the mail. It stays pending until the person who confirms proves it. */
    passwordHash: text("password_hash"),
    /** SHA-256 of the secret that the signing-up browser keeps. Null: the password must be typed. */
    browserHash: text("browser_hash"),
    /** Where the person wants to arrive. */
    wish: jsonb("wish").$type<Wish>(),
    /** Of an e-mail change: the address that the account gets. */
    email: text("email"),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
    createdAt: timestamps.createdAt,
  },
  (t) => [index("email_token_user_idx").on(t.userId, t.purpose, t.createdAt)],
);

/** Small settings of the school, one row a key, each value with a zod schema in `core/settings`. */
export const settingTable = pgTable("setting", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
  version: integer("version").notNull().default(1),
  ...timestamps,
});

export const auditTable = pgTable(
  "audit_entry",
  {
    id: id(),
    at: instant("at").notNull().defaultNow(),
    actorType: text("actor_type").notNull(),
    actorId: text("actor_id"),
    /** noun.verb, such as `role.granted`. */
    action: text("action").notNull(),
    targetType: text("target_type").notNull(),
    targetId: text("target_id").notNull(),
    data: jsonb("data").notNull().default({}),
    requestId: text("request_id").notNull(),
    isSystem: boolean("is_system").notNull().default(false),
  },
  (t) => [
    index("audit_entry_at_idx").on(t.at, t.id),
    index("audit_entry_target_idx").on(t.targetType, t.targetId, t.at),
  ],
);

/** What each consumer has done already: delivery is at least once, effects are once. */
export const inboxTable = pgTable(
  "inbox",
  {
    consumer: text("consumer").notNull(),
    eventId: text("event_id").notNull(),
    at: instant("at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.consumer, t.eventId] }), index("inbox_at_idx").on(t.at)],
);
