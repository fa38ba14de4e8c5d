import { eq, sql } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import * as Audit from "../../people/audit/index.ts";
import { inOrder } from "../../util/collation.ts";
import { isVisible, oneLine } from "../../util/text/index.ts";
// Besides the slugs, this import registers the judge of categories, which is beside the judge of courses.
import { slugAllocator } from "../course/index.ts";
import { Events } from "./category.event.ts";
import { categoryTable } from "./category.sql.ts";

export { Events } from "./category.event.ts";

export const Info = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  /** Dense, from 0. */
  position: z.number().int(),
  /** Published ones: what a visitor would find behind it. */
  courses: z.number().int(),
});
export type Info = z.infer<typeof Info>;

const Name = z
  .string()
  .overwrite(oneLine)
  .refine(isVisible, "A category needs a name.")
  .max(60, "At most 60 characters.");
const Ref = z.object({
  categoryId: z
    .string()
    .max(64)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u),
});
const onCategory = ({ categoryId }: { categoryId: string }) => ({ type: "category", id: categoryId });
const most = 200;

/** All of the school's categories in their order. Visitors read them: the catalog filters by them. */
export const list = fn.any("school.read", z.object({}).default({}), () => Db.use((tx): Promise<Info[]> => select(tx)));

/** Adds a category at the end. The slug comes from the name and stays when the name changes. */
export const create = fn.any("category.manage", z.object({ name: Name }), ({ name }) =>
  Db.use(async (tx): Promise<Info> => {
    await hold(tx);
    const known = await tx.select({ name: categoryTable.name, slug: categoryTable.slug }).from(categoryTable);
    if (known.length >= most)
      throw new DomainError("conflict", "category.too_many", `A school has at most ${most} categories.`);
    refuseTwin(name, known);
    const id = createId("category");
    const slug = slugAllocator(
      known.map((row) => row.slug),
      "category",
    )(name);
    await tx.insert(categoryTable).values({ id, slug, name, position: known.length });
    await Events.Changed.emit({ categoryId: id });
    return one(tx, id);
  }),
);

export const update = fn.on.tx(
  "category.manage",
  onCategory,
  Ref.extend({ name: Name }),
  async (tx, { categoryId, name }): Promise<Info> => {
    await hold(tx);
    const known = await tx.select({ id: categoryTable.id, name: categoryTable.name }).from(categoryTable);
    refuseTwin(
      name,
      known.filter((row) => row.id !== categoryId),
    );
    const before = known.find((row) => row.id === categoryId)?.name;
    await tx.update(categoryTable).set({ name }).where(eq(categoryTable.id, categoryId));
    if (before !== undefined && before !== name)
      await Audit.record({
        action: "category.renamed",
        targetType: "category",
        targetId: categoryId,
        targetLabel: name,
        data: { before: { name: before }, after: { name } },
      });
    await Events.Changed.emit({ categoryId });
    return one(tx, categoryId);
  },
);

/** Puts one at a place (0 is first) and the others around it. */
export const move = fn.on.tx(
  "category.manage",
  onCategory,
  Ref.extend({ position: z.coerce.number().int().min(0).max(10_000) }),
  async (tx, { categoryId, position }): Promise<Info[]> => {
    await hold(tx);
    await tx.execute(sql`
        update category c set position = placed.position, updated_at = now()
        from (
          select id, rank + (case when rank >= ${position}::int then 1 else 0 end) as position
          from (select id, (row_number() over (order by position, id))::int - 1 as rank
            from category where id <> ${categoryId}) others
          union all
          select ${categoryId}, least(${position}::int, (select count(*)::int from category where id <> ${categoryId}))
        ) placed
        where c.id = placed.id and c.position <> placed.position`);
    await Events.Changed.emit({ categoryId });
    return select(tx);
  },
);

/** Removes one. Its courses stay and have no category then. */
export const remove = fn.on.tx("category.manage", onCategory, Ref, async (tx, { categoryId }) => {
  await hold(tx);
  const { name, courses } = await one(tx, categoryId);
  await tx.delete(categoryTable).where(eq(categoryTable.id, categoryId));
  await tx.execute(sql`
      update category c set position = ranked.rank, updated_at = now()
      from (select id, (row_number() over (order by position, id))::int - 1 as rank from category) ranked
      where c.id = ranked.id and c.position <> ranked.rank`);
  await Audit.record({
    action: "category.removed",
    targetType: "category",
    targetId: categoryId,
    targetLabel: name,
    data: { name, courses },
  });
  await Events.Changed.emit({ categoryId });
  return { categoryId };
});

const select = (tx: Db.Tx, categoryId?: string): Promise<Info[]> =>
  tx
    .select({
      id: categoryTable.id,
      slug: categoryTable.slug,
      name: categoryTable.name,
      position: categoryTable.position,
      courses: sql<number>`(select count(*)::int from course k where k.category_id = category.id and k.status = 'published')`,
    })
    .from(categoryTable)
    .where(categoryId === undefined ? undefined : eq(categoryTable.id, categoryId))
    .orderBy(categoryTable.position, inOrder(categoryTable.name));

async function one(tx: Db.Tx, categoryId: string): Promise<Info> {
  const [row] = await select(tx, categoryId);
  if (!row) throw new DomainError("not_found", "category.not_found", "That is not available.");
  return row;
}

/** Two people who change the list do so one after the other; readers do not wait. */
const hold = (tx: Db.Tx) => tx.execute(sql`lock table category in share row exclusive mode`);

function refuseTwin(name: string, others: readonly { readonly name: string }[]): void {
  const same = (text: string) => text.normalize("NFKC").toLowerCase();
  if (!others.some((other) => same(other.name) === same(name))) return;
  const message = "There is a category of that name.";
  throw new DomainError("conflict", "category.exists", message, { name: message });
}

export * as Category from "./index.ts";
