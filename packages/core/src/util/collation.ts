import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { useSchool } from "../kernel/actor/index.ts";

/**
 * Languages whose alphabet differs from ICU's root order. All others (English, German, French, Italian, ...) use the
 * root order, which `user_name_idx` serves.
 */
const tailored = new Set(
  "af ar as az be bg bn bs ca cs cy da el eo es et fa fi fil fo gl gu haw he hi hr hu hy is ja ka kk kl km kn ko kok ky lo lt lv mk ml mn mr mt my nb ne nn om or pa pl ps ro ru se si sk sl sq sr sv sw ta te th to tr uk ur uz vi wo yi yo zh".split(
    " ",
  ),
);

/** Returns the ICU collation of a language tag, by a name that every server with ICU has. */
export function collationOf(locale: string): string {
  const [language = ""] = locale.toLowerCase().split("-");
  return `${tailored.has(language) ? language : "und"}-x-icu`;
}

/**
 * ` collate "..."` for the language of the actor's school, for text that a query sorts or compares. Evaluated when the
 * query is built, so one column object serves every school.
 */
export const bySchool: SQLWrapper & { shouldOmitSQLParens(): boolean } = {
  shouldOmitSQLParens: () => true,
  getSQL: () => sql`collate ${sql.identifier(collationOf(useSchool().locale))}`,
};

/** A column in the order of the school's language. */
export const inOrder = (column: SQLWrapper): SQL => sql`${column} ${bySchool}`;
