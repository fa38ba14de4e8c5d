import { integer, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { timestamps } from "../../kernel/sql/index.ts";

/** Small settings of the school, one row a key, each value with a zod schema in `core/settings`. */
export const settingTable = pgTable("setting", {
  key: text("key").primaryKey(),
  value: jsonb("value").notNull(),
  version: integer("version").notNull().default(1),
  ...timestamps,
});
