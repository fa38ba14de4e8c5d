import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { roleNames } from "../../kernel/permission/index.ts";
import { id, instant, timestamps } from "../../kernel/sql/index.ts";
import { userTable } from "./user.sql.ts";
import type { Wish } from "./wish.ts";

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
    /** Accepting enrolls in this course. No foreign key: without its course an invitation is to the school. */
    courseId: text("course_id"),
    /** SHA-256 of the mail's token. Null until the sending consumer creates it. */
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
    /** The password of the sign-up behind this mail. Pending until the person who confirms proves it. */
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
