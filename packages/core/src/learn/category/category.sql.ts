import { integer, pgTable, text } from "drizzle-orm/pg-core";
import { id, timestamps } from "../../kernel/sql/index.ts";

export const categoryTable = pgTable("category", {
  id: id(),
  slug: text("slug").notNull().unique(),
  name: text("name").notNull(),
  position: integer("position").notNull().default(0),
  ...timestamps,
});
