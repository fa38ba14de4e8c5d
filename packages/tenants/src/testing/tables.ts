import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { sql } from "drizzle-orm";
import { asSystem } from "./index.ts";

/** Returns a digest of each table's rows, to compare two states. */
export const pictureOf = (school: Route): Promise<Record<string, string>> =>
  asSystem(school, () =>
    Db.use(async (tx) => {
      const tables = await tx.execute<{ name: string }>(sql`
        select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r'`);
      const picture: Record<string, string> = {};
      for (const { name } of tables) {
        const [row] = await tx.execute<{ digest: string | null }>(
          sql`select count(*) || ':' || coalesce(md5(string_agg(t::text, e'\\n' order by t::text)), '') as digest
            from ${sql.identifier(name)} t`,
        );
        picture[name] = row?.digest ?? "";
      }
      return picture;
    }),
  );
