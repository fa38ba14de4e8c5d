import { setTimeout as sleep } from "node:timers/promises";
import { and, asc, count, desc, eq, ne, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { mine } from "../../kernel/dynamo/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { Audit } from "../../people/audit/index.ts";
import { personHas } from "../../people/identity/index.ts";
import { userTable } from "../../people/identity/user.sql.ts";
import { inOrder as inSchoolOrder } from "../../util/collation.ts";
import { fromCursor, pageInput, toCursor } from "../../util/cursor.ts";
import { shownEmail } from "../../util/email/index.ts";
import { mostExported, requireExportable } from "../../util/export.ts";
import { certificateTable } from "../certificate/certificate.sql.ts";
import { enrollmentStatuses, enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { CourseId, UserId } from "../enrollment/index.ts";
import { complete, type Outcome, standingOf } from "./completion.ts";
import { type Outline, readOutline } from "./outline.ts";
import { SummaryItem } from "./progress.entity.ts";
import { completedAtOf, Explained, factsInfo } from "./reading.ts";
import { readFacts, readStored, type Stored, type StoredFact, settle, toStored } from "./store.ts";
import { toSummary } from "./summary.ts";

const Person = z.object({ id: z.string(), name: z.string(), email: z.string(), department: z.string().nullable() });

export const RosterItem = z.object({
  enrollmentId: z.string(),
  user: Person,
  status: z.enum(enrollmentStatuses),
  enrolledAt: z.string(),
  percent: z.number().int(),
  completed: z.boolean(),
  remainingCount: z.number().int(),
  lastActivityAt: z.string().nullable(),
  certificateNumber: z.string().nullable(),
});
export type RosterItem = z.infer<typeof RosterItem>;

export const rosterSorts = ["name", "percent", "activity"] as const;

const onCourse = ({ courseId }: { courseId: string }) => ({ type: "course", id: courseId });

/**
 * Returns a course's learners with their progress: by name, or with the furthest or the last active first. `q` searches
 * name and e-mail. Without a status, excludes those who have withdrawn. By name: two queries and one batch of
 * summaries; by progress: reads all summaries of the course with one index query.
 */
export const roster = fn.on(
  "progress.read",
  onCourse,
  z.object({
    courseId: CourseId,
    q: z.string().trim().max(100).optional(),
    status: z.enum(enrollmentStatuses).optional(),
    sort: z.enum(rosterSorts).default("name"),
    order: z.enum(["asc", "desc"]).optional(),
    ...pageInput,
  }),
  async ({ courseId, sort, limit, ...query }) => {
    const order = query.order ?? (sort === "name" ? "asc" : "desc");
    const after = query.cursor === undefined ? undefined : fromCursor(query.cursor, cursorShape);
    const byName = sort === "name";
    const summariesOfAll = byName ? undefined : readCourse(courseId);
    const { rows, total, outline } = await Db.use(async (tx) => {
      const filter = whereOf(courseId, query.status, query.q);
      const [rows, outline] = await Promise.all([
        byName ? readByName(tx, filter, order, after, limit + 1) : readEverybody(tx, filter),
        readOutline(courseId),
      ]);
      return { rows, total: byName ? (rows[0]?.total ?? 0) : rows.length, outline };
    });
    if (!outline) throw new DomainError("not_found", "course.not_found", "That course is not available.");
    const summaries =
      (await summariesOfAll) ??
      (await readSome(
        courseId,
        rows.map((row) => row.user.id),
      ));
    const storedOf = (row: Row) => summaries.get(row.user.id) ?? toStored(null);
    const sorted = byName ? rows : inOrder(rows, sort, order, storedOf, outline, after);
    const page = sorted.slice(0, limit);
    const items = await Promise.all(page.map((row) => toItem(courseId, row, storedOf(row), outline)));
    const last = page.at(-1);
    const hasMore = sorted.length > limit && last;
    return {
      course: headOf(courseId, outline),
      items,
      total,
      nextCursor: hasMore ? toCursor(cursorOf(last, sort, storedOf(last), outline)) : null,
    };
  },
);

/**
 * Returns all filtered learners of a course for an export; the audit trail records who exported how many. Two queries,
 * and one index query for all summaries of the course.
 * @throws export.too_large
 */
export const exportRoster = fn.on(
  "progress.read",
  onCourse,
  roster.schema.omit({ cursor: true, limit: true }),
  async ({ courseId, sort, order = sort === "name" ? "asc" : "desc", status, q }) => {
    const [summaries, { rows, outline }] = await Promise.all([
      readCourse(courseId),
      Db.use(async (tx) => {
        const filter = whereOf(courseId, status, q);
        const way = sort === "name" ? order : "asc";
        const [found, outline] = await Promise.all([
          readByName(tx, filter, way, undefined, mostExported + 1),
          readOutline(courseId),
        ]);
        if (!outline) throw new DomainError("not_found", "course.not_found", "That course is not available.");
        const rows = requireExportable(found);
        await Audit.record({
          action: "roster.exported",
          targetType: "course",
          targetId: courseId,
          targetLabel: outline.title,
          data: { people: rows.length, ...(status && { status }), ...(q && { q }) },
        });
        return { rows, outline };
      }),
    ]);
    const storedOf = (row: Row) => summaries.get(row.user.id) ?? toStored(null);
    const sorted = sort === "name" ? rows : inOrder(rows, sort, order, storedOf, outline, undefined);
    const items = await Promise.all(sorted.map((row) => toItem(courseId, row, storedOf(row), outline)));
    return { course: headOf(courseId, outline), items };
  },
);

const headOf = (id: string, { slug, title, status }: Outline) => ({ id, slug, title, status });

export const Learner = Explained.extend({
  enrollmentId: z.string(),
  user: Person,
  status: z.enum(enrollmentStatuses),
  enrolledAt: z.string(),
  lastActivityAt: z.string().nullable(),
  certificateNumber: z.string().nullable(),
  /** Newest first. */
  doneLessons: z.array(z.object({ lessonId: z.string(), title: z.string(), module: z.string(), at: z.string() })),
  resets: z.array(z.object({ at: z.string(), by: z.string().nullable(), reason: z.string() })),
});
export type Learner = z.infer<typeof Learner>;

/** One learner in a course: what is done, what is left and why, and every fact it follows from. */
export const learner = fn.on(
  "progress.read",
  onCourse,
  z.object({ courseId: CourseId, userId: UserId }),
  async ({ courseId, userId }): Promise<Learner> => {
    const [found, stored, facts] = await Promise.all([
      Db.use(async (tx) => {
        const filter = and(eq(enrollmentTable.courseId, courseId), eq(enrollmentTable.userId, userId));
        const [rows, outline] = await Promise.all([readEverybody(tx, filter), readOutline(courseId)]);
        return rows[0] && outline && { row: rows[0], outline };
      }),
      readStored({ courseId, userId }),
      readFacts({ courseId, userId }),
    ]);
    if (!found) throw new DomainError("not_found", "enrollment.not_found", "That person is not in this course.");
    const { row, outline } = found;
    const { openedIds } = standingOf(facts);
    const member = { enrollmentId: row.enrollmentId, courseId, userId };
    const settled = await settle(member, { ...stored, openedIds }, outline);
    const resets = facts.flatMap((fact) =>
      fact.kind === "reset"
        ? [{ at: new Date(fact.at).toISOString(), by: fact.by ?? null, reason: fact.reason ?? "" }]
        : [],
    );
    return {
      ...toSummary({ ...settled.stored, openedIds }, outline, settled.completion),
      enrollmentId: row.enrollmentId,
      user: toPerson(row),
      status: row.status,
      enrolledAt: row.enrolledAt.toISOString(),
      lastActivityAt: iso(settled.stored.lastActivityAt),
      certificateNumber: row.certificateNumber,
      facts: factsInfo(facts),
      completedAt: completedAtOf(settled.stored),
      explanation: ofLearner(toPerson(row).name, settled.completion),
      doneLessons: doneLessonsOf(settled.completion.doneIds, facts, outline),
      resets: resets.sort((a, b) => b.at.localeCompare(a.at)),
    };
  },
);

/** How far a learner is, in words for their instructor. */
function ofLearner(name: string, { done, total, percent, completed }: Outcome): string {
  const sum = `${name} has finished ${done} of ${total === 1 ? "one lesson" : `${total} lessons`}`;
  if (completed)
    return done === total
      ? `${name} has completed the course.`
      : `${name} has completed the course. ${sum} it has now.`;
  return done === 0 ? `${name} has not finished a lesson yet.` : `${sum} (${percent} %).`;
}

function doneLessonsOf(doneIds: readonly string[], facts: readonly StoredFact[], { lessons }: Outline) {
  const byId = new Map(lessons.map((lesson) => [lesson.id, lesson]));
  const at = new Map<string, number>();
  for (const fact of facts)
    if ("lessonId" in fact && fact.kind !== "reopened")
      at.set(fact.lessonId, Math.max(at.get(fact.lessonId) ?? 0, fact.at));
  return doneIds
    .flatMap((id) => {
      const lesson = byId.get(id);
      const { title = "", module = "" } = lesson ?? {};
      return lesson ? [{ lessonId: id, title, module, at: new Date(at.get(id) ?? 0).toISOString() }] : [];
    })
    .sort((a, b) => b.at.localeCompare(a.at));
}

// Rows of Postgres.

const isUser = eq(userTable.id, enrollmentTable.userId);

function whereOf(courseId: string, status: Row["status"] | undefined, q: string | undefined) {
  return and(
    eq(enrollmentTable.courseId, courseId),
    status ? eq(enrollmentTable.status, status) : ne(enrollmentTable.status, "withdrawn"),
    q ? personHas(q) : undefined,
  );
}

/** `total` is for a page that does not hold all of them. */
const select = (tx: Db.Tx, total: SQL<number> = sql<number>`0`) =>
  tx
    .select({
      total,
      enrollmentId: enrollmentTable.id,
      status: enrollmentTable.status,
      enrolledAt: enrollmentTable.createdAt,
      user: {
        id: userTable.id,
        givenName: userTable.givenName,
        familyName: userTable.familyName,
        email: userTable.email,
        department: userTable.department,
      },
      certificateNumber: certificateTable.number,
    })
    .from(enrollmentTable)
    .innerJoin(userTable, isUser)
    .leftJoin(certificateTable, eq(certificateTable.enrollmentId, enrollmentTable.id));

type Row = Awaited<ReturnType<typeof select>>[number];

// Named statements, which Postgres plans once: the filters make a dozen of them.

const readEverybody = (tx: Db.Tx, where: ReturnType<typeof and>) =>
  select(tx).where(where).prepare("roster_everybody").execute();

function readByName(
  tx: Db.Tx,
  where: ReturnType<typeof and>,
  order: "asc" | "desc",
  after: Cursor | undefined,
  limit: number,
) {
  const way = order === "asc" ? asc : desc;
  const [familyName, givenName] = [inSchoolOrder(userTable.familyName), inSchoolOrder(userTable.givenName)];
  const names = sql`(${familyName}, ${givenName}, ${userTable.id})`;
  const [family, given, id] = after ?? [];
  const than = after && sql`(${String(family)}, ${String(given)}, ${String(id)})`;
  const beyond = than && (order === "asc" ? sql`${names} > ${than}` : sql`${names} < ${than}`);
  const all = tx.select({ n: count() }).from(enrollmentTable).innerJoin(userTable, isUser).where(where);
  return select(tx, sql<number>`(${all.getSQL()})::int`)
    .where(and(where, beyond))
    .orderBy(way(familyName), way(givenName), way(userTable.id))
    .limit(limit)
    .prepare("roster_by_name")
    .execute();
}

// Summaries of DynamoDB.

async function readCourse(courseId: string): Promise<Map<string, Stored>> {
  const { data } = await SummaryItem()
    .query.byCourse({ ...mine(), courseId })
    .go({ pages: "all" });
  return new Map(data.map((each) => [each.userId, toStored(each)]));
}

async function readSome(courseId: string, userIds: readonly string[]): Promise<Map<string, Stored>> {
  const found = new Map<string, Stored>();
  let wanted = userIds.map((userId) => ({ ...mine(), userId, courseId }));
  for (let attempt = 0; wanted.length > 0; attempt += 1) {
    const { data, unprocessed } = await SummaryItem().get(wanted).go({ consistent: true });
    for (const each of data) found.set(each.userId, toStored(each));
    wanted = unprocessed;
    if (wanted.length === 0) break;
    if (attempt > 6)
      throw new DomainError("unavailable", "progress.busy", "Please try again in a moment.", undefined, 1);
    await sleep(Math.random() * 20 * 2 ** attempt);
  }
  return found;
}

// Order and cursor. A cursor is the sort value and the id of the last item shown, so what changes between two pages
// neither repeats nor hides somebody else.

type Cursor = readonly (string | number)[];

const cursorShape = z
  .array(z.union([z.string(), z.number()]))
  .min(2)
  .max(3);

type Sort = (typeof rosterSorts)[number];

const rankOf = (sort: Sort, stored: Stored, outline: Outline): number =>
  sort === "percent" ? complete(stored, outline).percent : (stored.lastActivityAt ?? 0);

const cursorOf = (row: Row, sort: Sort, stored: Stored, outline: Outline): Cursor =>
  sort === "name"
    ? [row.user.familyName, row.user.givenName, row.user.id]
    : [rankOf(sort, stored, outline), row.user.id];

function inOrder(
  rows: readonly Row[],
  sort: Sort,
  order: "asc" | "desc",
  storedOf: (row: Row) => Stored,
  outline: Outline,
  after: Cursor | undefined,
): Row[] {
  const sign = order === "asc" ? 1 : -1;
  const compare = (a: Cursor, b: Cursor) =>
    sign * (Number(a[0]) - Number(b[0])) || (String(a[1]) < String(b[1]) ? -1 : String(a[1]) > String(b[1]) ? 1 : 0);
  return rows
    .map((row): { row: Row; at: Cursor } => ({ row, at: [rankOf(sort, storedOf(row), outline), row.user.id] }))
    .filter(({ at }) => !after || compare(at, after) > 0)
    .sort((a, b) => compare(a.at, b.at))
    .map(({ row }) => row);
}

async function toItem(courseId: string, row: Row, before: Stored, outline: Outline): Promise<RosterItem> {
  const member = { enrollmentId: row.enrollmentId, courseId, userId: row.user.id };
  const { stored, completion } = await settle(member, before, outline);
  return {
    enrollmentId: row.enrollmentId,
    user: toPerson(row),
    status: row.status,
    enrolledAt: row.enrolledAt.toISOString(),
    percent: completion.percent,
    completed: completion.completed,
    remainingCount: completion.remaining.length,
    lastActivityAt: iso(stored.lastActivityAt),
    certificateNumber: row.certificateNumber,
  };
}

const toPerson = ({ user }: Row) => ({
  id: user.id,
  name: `${user.givenName} ${user.familyName}`.trim(),
  email: shownEmail(user.email),
  department: user.department,
});

const iso = (at: number | undefined): string | null => (at ? new Date(at).toISOString() : null);
