import { and, desc, eq, or, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { idPattern } from "../../kernel/id/index.ts";
import { fromCursor, pageInput, pageOf } from "../../util/cursor.ts";
import { categoryTable } from "../category/category.sql.ts";
import { assetTable, courseLevels, courseTable } from "./course.sql.ts";
import { Info, infoColumns, Key, toInfo } from "./info.ts";
import { corrected, exactOf, queryOf } from "./search.ts";

/** A catalog card is the course without its long description. */
export const Card = Info.omit({ descriptionHtml: true });
export type Card = z.infer<typeof Card>;

export interface CatalogPage {
  readonly items: Card[];
  readonly nextCursor: string | null;
  /** Of all pages. */
  readonly total: number;
  /** Set when nothing had the words as typed: what was searched for instead. */
  readonly didYouMean: string | null;
}

const idOf = z.string().regex(idPattern("course"));

/**
 * Returns published courses: the newest first, or, with `q`, the best match first. Every word of `q` must occur, whole
 * or as a prefix, in the title, summary, description or a lesson's title. Words that occur nowhere count as misspelled
 * and are replaced by the nearest that do.
 *
 * Sends one query with `q`, three for a misspelled word, else two. All use indexes: `course_status_idx` without `q`,
 * else the GIN indexes (see `search.ts`), whose hits are few enough to rank.
 */
export const catalog = fn.any(
  "school.read",
  z.object({
    q: z.string().max(200).optional(),
    /** Id or slug. */
    category: Key.optional(),
    level: z.enum(courseLevels).optional(),
    ...pageInput,
  }),
  (input) =>
    Db.use((tx): Promise<CatalogPage> => {
      const where = filters(input);
      const query = queryOf(input.q ?? "");
      return query ? search(tx, where, query, input) : browse(tx, where, input);
    }),
);

interface Asked {
  readonly category?: string;
  readonly level?: (typeof courseLevels)[number];
  readonly cursor?: string;
  readonly limit: number;
}

function filters({ category, level }: Asked): SQL[] {
  const where = [eq(courseTable.status, "published")];
  if (category) {
    const known = sql`(select c.id from category c where c.id = ${category} or c.slug = ${category})`;
    where.push(sql`course.category_id = ${known}`);
  }
  if (level) where.push(eq(courseTable.level, level));
  return where;
}

async function browse(tx: Db.Tx, where: SQL[], { cursor, limit }: Asked): Promise<CatalogPage> {
  const beyond = cursor ? fromCursor(cursor, z.tuple([z.iso.datetime().regex(/^[12]/), idOf])) : undefined;
  const [rows, [counted]] = await Promise.all([
    cards(tx)
      .where(and(...where, beyond && sql`(course.published_at, course.id) < (${beyond[0]}::timestamptz, ${beyond[1]})`))
      .orderBy(desc(courseTable.publishedAt), desc(courseTable.id))
      .limit(limit + 1)
      .prepare("catalog_page")
      .execute(),
    tx
      .select({ total: sql<number>`count(*)::int` })
      .from(courseTable)
      .where(and(...where))
      .prepare("catalog_total")
      .execute(),
  ]);
  const page = pageOf(rows, limit, toCard, (row) => [row.publishedAt?.toISOString(), row.id]);
  return { ...page, total: counted?.total ?? 0, didYouMean: null };
}

type Query = NonNullable<ReturnType<typeof queryOf>>;
// A cursor comes from outside: its words go into a tsquery, so they must be words.
const SearchCursor = z.tuple([
  z.number(),
  idOf,
  z
    .array(z.string().regex(/^[\p{L}\p{N}\p{M}]{1,40}[+#]{0,2}$/u))
    .min(1)
    .max(8),
]);

async function search(tx: Db.Tx, where: SQL[], query: Query, asked: Asked): Promise<CatalogPage> {
  const beyond = asked.cursor ? fromCursor(asked.cursor, SearchCursor) : undefined;
  // Later pages use the words of the first one, which may be corrected ones.
  const words = beyond?.[2] ?? query.words;
  const found = await ranked(tx, where, words, asked.limit, beyond);
  if (found.total > 0 || beyond) return { ...found, didYouMean: spelling(query.words, words) };
  const near = await tx
    .select({ words: sql<string[]>`to_json(tsvector_to_array(course.search))`.as("words") })
    .from(courseTable)
    .where(and(...where, sql`course.typo @@ ${query.typo}::tsquery`))
    .limit(12);
  const meant = corrected(
    query.words,
    near.map((row) => row.words),
  );
  if (!meant) return { ...found, didYouMean: null };
  return { ...(await ranked(tx, where, meant, asked.limit)), didYouMean: spelling(query.words, meant) };
}

const spelling = (typed: readonly string[], used: readonly string[]): string | null =>
  typed.join(" ") === used.join(" ") ? null : used.join(" ");

/** How much a word counts in the description, a lesson's title, the summary and the title. */
const weights = "{0.05,0.15,0.4,1}";

async function ranked(
  tx: Db.Tx,
  where: SQL[],
  words: string[],
  limit: number,
  beyond?: z.infer<typeof SearchCursor>,
): Promise<Omit<CatalogPage, "didYouMean">> {
  const query = sql`${exactOf(words)}::tsquery`;
  const hits = tx
    .select({
      id: courseTable.id,
      // Breaks ties: titles that begin with the words first, then shorter ones. As float8, which survives JSON exactly:
      // the cursor compares it.
      rank: sql<number>`ts_rank(${weights}::float4[], course.search, ${query})::float8
        + case when starts_with(course.folded || ' ', ${`${words.join(" ")} `}::text) then 0.02 else 0 end::float8
        + 0.05 / (1 + char_length(course.title))::float8`.as("rank"),
      total: sql<number>`count(*) over ()::int`.as("total"),
    })
    .from(courseTable)
    .where(and(...where, sql`course.search @@ ${query}`))
    .as("hits");
  const rows = await tx
    .select({ ...infoColumns, rank: hits.rank, total: hits.total })
    .from(courseTable)
    .innerJoin(hits, eq(hits.id, courseTable.id))
    .leftJoin(categoryTable, eq(categoryTable.id, courseTable.categoryId))
    .leftJoin(assetTable, eq(assetTable.id, courseTable.coverAssetId))
    .where(
      beyond &&
        or(
          sql`${hits.rank} < ${beyond[0]}::float8`,
          and(sql`${hits.rank} = ${beyond[0]}::float8`, sql`course.id < ${beyond[1]}`),
        ),
    )
    .orderBy(desc(hits.rank), desc(courseTable.id))
    .limit(limit + 1)
    .prepare("catalog_search")
    .execute();
  const page = pageOf(rows, limit, toCard, (row) => [row.rank, row.id, words]);
  return { ...page, total: rows[0]?.total ?? 0 };
}

const cards = (tx: Db.Tx) => {
  const { descriptionHtml: _, ...columns } = infoColumns;
  return tx
    .select(columns)
    .from(courseTable)
    .leftJoin(categoryTable, eq(categoryTable.id, courseTable.categoryId))
    .leftJoin(assetTable, eq(assetTable.id, courseTable.coverAssetId));
};

function toCard(row: Omit<Parameters<typeof toInfo>[0], "descriptionHtml">): Card {
  const { descriptionHtml: _, ...card } = toInfo({ ...row, descriptionHtml: "" });
  return card;
}
