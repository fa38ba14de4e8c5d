import { index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import type { PermissionName } from "../../kernel/permission/index.ts";
import { id, instant, timestamps } from "../../kernel/sql/index.ts";
import { userTable } from "../identity/user.sql.ts";

/** A key that a program calls the API with, on behalf of the person who made it. */
export const apiKeyTable = pgTable(
  "api_key",
  {
    id: id(),
    name: text("name").notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => userTable.id, { onDelete: "cascade" }),
    secretHash: text("secret_hash").notNull(),
    scopes: jsonb("scopes").$type<PermissionName[]>().notNull(),
    /** Origins of pages that may use it from a browser; none: servers only. */
    origins: jsonb("origins").$type<string[]>().notNull().default([]),
    /** Null: until it is revoked. */
    expiresAt: instant("expires_at"),
    /** To the hour. */
    lastUsedAt: instant("last_used_at"),
    revokedAt: instant("revoked_at"),
    ...timestamps,
  },
  (t) => [index("api_key_user_idx").on(t.userId)],
);
