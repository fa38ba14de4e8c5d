import { text, timestamp } from "drizzle-orm/pg-core";

// Tables carry no schema name: each school has its own schema, and `Db.use` sets the search path.

/** A prefixed UUIDv7 (`kernel/id`), made by the application. */
export const id = () => text("id").primaryKey();

const at = (name: string) => timestamp(name, { withTimezone: true, mode: "date", precision: 3 });

/** An instant, to the millisecond, in UTC. */
export const instant = at;

export const timestamps = {
  createdAt: at("created_at").notNull().defaultNow(),
  updatedAt: at("updated_at")
    .notNull()
    .defaultNow()
    .$onUpdate(() => new Date()),
};
