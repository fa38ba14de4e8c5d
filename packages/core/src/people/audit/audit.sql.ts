import { boolean, index, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { id, instant } from "../../kernel/sql/index.ts";

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
    /** What people called the target when the entry was written. Null for people, schools and invitations: read live, so erasure holds. */
    targetLabel: text("target_label"),
    /** The person that the target is, or belongs to. */
    targetUserId: text("target_user_id"),
    data: jsonb("data").notNull().default({}),
    requestId: text("request_id").notNull(),
    isSystem: boolean("is_system").notNull().default(false),
  },
  (t) => [
    index("audit_entry_at_idx").on(t.at, t.id),
    index("audit_entry_target_idx").on(t.targetType, t.targetId, t.at),
  ],
);
