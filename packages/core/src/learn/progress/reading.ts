import { and, asc, desc, eq, isNull, ne } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { mine } from "../../kernel/dynamo/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { certificateTable } from "../certificate/certificate.sql.ts";
import { assetTable, courseTable } from "../course/course.sql.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { CourseId } from "../enrollment/index.ts";
import { complete, standingOf } from "./completion.ts";
import { type Outline, outlineColumns, readOutline, recentOutline, toOutline } from "./outline.ts";
import { factKinds, SummaryItem } from "./progress.entity.ts";
import { requireMember } from "./record.ts";
import { readFacts, readStored, type Stored, type StoredFact, settle, toStored } from "./store.ts";
import { Resume, Summary, toSummary } from "./summary.ts";

export const FactInfo = z.object({
  kind: z.enum(factKinds),
  lessonId: z.string().nullable(),
  /** ISO. */
  at: z.string(),
  /** Before the last reset: kept, and no longer counted. */
  isPast: z.boolean(),
});

export const Explained = Summary.extend({
  facts: z.array(FactInfo),
  /** When the course was completed; ISO instant, or null. */
  completedAt: z.string().nullable(),
});
export type Explained = z.infer<typeof Explained>;

/** Returns the signed-in learner's progress in a course, what is left and why, with the facts behind it. */
export const of = fn.self(
  "progress.record",
  z.object({ courseId: CourseId }),
  async (me, { courseId }): Promise<Explained> => {
    const member = await requireMember(me, courseId);
    const [outline, stored, facts] = await Promise.all([readOutline(courseId), readStored(member), readFacts(member)]);
    if (!outline) throw new DomainError("not_found", "course.not_found", "That course is not available.");
    const { openedIds } = standingOf(facts);
    const settled = await settle(member, { ...stored, openedIds }, outline);
    return {
      ...toSummary({ ...settled.stored, openedIds }, outline, settled.completion),
      facts: factsInfo(facts),
      completedAt: completedAtOf(settled.stored),
    };
  },
);

export const State = Summary.omit({ remaining: true, done: true, total: true }).extend({
  /** Lessons left. */
  left: z.number().int(),
  /** The learner has opened or completed a lesson since the last reset. */
  hasBegun: z.boolean(),
  /** When the course was completed; ISO instant, or null. */
  completedAt: z.string().nullable(),
});
export type State = z.infer<typeof State>;

/** Returns the learner's progress for the course's pages: like `of`, but from one item instead of every fact. */
export const state = fn.self(
  "progress.record",
  z.object({ courseId: CourseId }),
  async (me, { courseId }): Promise<State> => {
    const member = await requireMember(me, courseId);
    const [outline, before] = await Promise.all([readOutline(courseId), readStored(member)]);
    if (!outline) throw new DomainError("not_found", "course.not_found", "That course is not available.");
    const { stored, completion } = await settle(member, before, outline);
    const { remaining, done: _, total: __, ...summary } = toSummary(stored, outline, completion);
    return {
      ...summary,
      left: remaining.length,
      hasBegun: stored.lastLessonId !== undefined || stored.doneIds.length > 0,
      completedAt: completedAtOf(stored),
    };
  },
);

/** When the learner completed the course, or null. */
export const completedAtOf = ({ mark }: Pick<Stored, "mark">): string | null =>
  mark?.percent === 100 ? new Date(mark.at).toISOString() : null;

export const Glance = Summary.pick({ courseId: true, percent: true, completed: true, doneLessonIds: true });
export type Glance = z.infer<typeof Glance>;

/**
 * Returns the percentage and the ticks shown beside an open lesson, from the summary alone (one item) and the outline,
 * at most ten seconds old. `of` explains them.
 */
export const glance = fn.self(
  "progress.record",
  z.object({ courseId: CourseId }),
  async (me, { courseId }): Promise<Glance> => {
    const member = await requireMember(me, courseId);
    const [outline, stored] = await Promise.all([recentOutline(courseId), readStored(member)]);
    if (!outline) throw new DomainError("not_found", "course.not_found", "That course is not available.");
    const { percent, completed, doneIds } = complete(stored, outline);
    return { courseId, percent, completed, doneLessonIds: [...doneIds] };
  },
);

export function factsInfo(facts: readonly StoredFact[]): Explained["facts"] {
  const { era } = standingOf(facts);
  return [...facts]
    .sort((a, b) => a.at - b.at)
    .map((fact) => ({
      kind: fact.kind,
      lessonId: "lessonId" in fact ? fact.lessonId : null,
      at: new Date(fact.at).toISOString(),
      isPast: fact.era < era,
    }));
}

export const DashboardCourse = z.object({
  enrollmentId: z.string(),
  enrolledAt: z.string(),
  course: z.object({
    id: z.string(),
    slug: z.string(),
    title: z.string(),
    summary: z.string(),
    coverUrl: z.string().nullable(),
    lessonCount: z.number().int(),
    minutes: z.number().int(),
  }),
  percent: z.number().int(),
  completed: z.boolean(),
  remainingCount: z.number().int(),
  minutesLeft: z.number().int(),
  resume: Resume.nullable(),
  lastActivityAt: z.string().nullable(),
  explanation: z.string(),
  certificateNumber: z.string().nullable(),
});
export type DashboardCourse = z.infer<typeof DashboardCourse>;

export const Dashboard = z.object({
  /** The course to go on with: the one last learned in that is not finished. */
  continue: DashboardCourse.nullable(),
  courses: z.array(DashboardCourse),
});
export type Dashboard = z.infer<typeof Dashboard>;

/** Returns the signed-in learner's courses, last used first, and where to continue. One query of each store. */
export const dashboard = fn.self(
  "progress.record",
  z.object({}).default({}),
  async ({ userId }): Promise<Dashboard> => {
    const [rows, summaries] = await Promise.all([readEnrolled(userId), readMine(userId)]);
    const courses = await Promise.all(
      rows.map(
        async ({ enrollmentId, enrolledAt, course, asset, certificateNumber, ...row }): Promise<DashboardCourse> => {
          const outline = toOutline(row.outline);
          const member = { enrollmentId, courseId: course.id, userId };
          const { stored, completion } = await settle(member, summaries.get(course.id) ?? toStored(null), outline);
          const { percent, completed, remaining, minutesLeft, resume, explanation } = toSummary(
            stored,
            outline,
            completion,
          );
          return {
            enrollmentId,
            enrolledAt: enrolledAt.toISOString(),
            course: {
              ...course,
              ...sizeOf(outline),
              coverUrl: asset ? pathTo.media(asset.id, asset.fileName) : null,
            },
            percent,
            completed,
            remainingCount: remaining.length,
            minutesLeft,
            resume,
            lastActivityAt: stored.lastActivityAt ? new Date(stored.lastActivityAt).toISOString() : null,
            explanation,
            certificateNumber,
          };
        },
      ),
    );
    courses.sort((a, b) => (b.lastActivityAt ?? b.enrolledAt).localeCompare(a.lastActivityAt ?? a.enrolledAt));
    return { continue: courses.find((each) => !each.completed && each.resume) ?? null, courses };
  },
);

const sizeOf = ({ lessons }: Outline) => ({
  lessonCount: lessons.length,
  minutes: lessons.reduce((sum, lesson) => sum + lesson.minutes, 0),
});

const readEnrolled = (userId: string) =>
  Db.use((tx) =>
    tx
      .select({
        enrollmentId: enrollmentTable.id,
        enrolledAt: enrollmentTable.createdAt,
        course: {
          id: courseTable.id,
          slug: courseTable.slug,
          title: courseTable.title,
          summary: courseTable.summary,
        },
        asset: { id: assetTable.id, fileName: assetTable.fileName },
        certificateNumber: certificateTable.number,
        outline: outlineColumns,
      })
      .from(enrollmentTable)
      .innerJoin(courseTable, eq(courseTable.id, enrollmentTable.courseId))
      .leftJoin(assetTable, eq(assetTable.id, courseTable.coverAssetId))
      .leftJoin(
        certificateTable,
        and(eq(certificateTable.enrollmentId, enrollmentTable.id), isNull(certificateTable.revokedAt)),
      )
      .where(and(eq(enrollmentTable.userId, userId), ne(enrollmentTable.status, "withdrawn")))
      .orderBy(desc(enrollmentTable.createdAt), asc(enrollmentTable.id))
      .limit(200)
      .prepare("dashboard_courses")
      .execute(),
  );

async function readMine(userId: string): Promise<Map<string, Stored>> {
  const { data } = await SummaryItem()
    .query.byLearner({ ...mine(), userId })
    .go({ consistent: true, pages: "all" });
  return new Map(data.map((each) => [each.courseId, toStored(each)]));
}
