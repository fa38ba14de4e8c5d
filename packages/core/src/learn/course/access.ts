import { eq, type SQL, sql } from "drizzle-orm";
import { type Actor, useActor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { idPattern } from "../../kernel/id/index.ts";
import {
  Permission,
  type PermissionName,
  type ReadResource,
  type ResourceFacts,
} from "../../kernel/permission/index.ts";
import { categoryTable } from "../category/category.sql.ts";
import type { enrollmentStatuses } from "../enrollment/enrollment.sql.ts";
import { assetTable, courseModuleTable, type courseStatuses, courseTable, lessonTable } from "./course.sql.ts";

/** What decides who may do what with a course, for the actor who asks. */
export interface CourseFacts {
  readonly courseId: string | null;
  readonly status: (typeof courseStatuses)[number];
  readonly staffRole: "instructor" | "assistant" | null;
  readonly enrollment: (typeof enrollmentStatuses)[number] | null;
  /** Present when a lesson is asked about. */
  readonly lesson?: { readonly status: "draft" | "published"; readonly isPreview: boolean } | null;
}

/**
 * Returns the columns of `CourseFacts` for a select from `course`: two look-ups, by primary key and by unique index.
 * Null for a visitor or the platform, who have no staff role and no enrollment.
 */
export function factColumns() {
  const actor = useActor();
  const userId = actor.type === "user" ? actor.userId : null;
  return {
    courseId: sql<string>`course.id`.as("fact_course_id"),
    status: sql<CourseFacts["status"]>`course.status`.as("fact_status"),
    staffRole: (userId === null
      ? sql<CourseFacts["staffRole"]>`null`
      : sql<
          CourseFacts["staffRole"]
        >`(select s.role from course_staff s where s.course_id = course.id and s.user_id = ${userId})`
    ).as("fact_staff"),
    enrollment: (userId === null
      ? sql<CourseFacts["enrollment"]>`null`
      : sql<
          CourseFacts["enrollment"]
        >`(select e.status from enrollment e where e.course_id = course.id and e.user_id = ${userId})`
    ).as("fact_enrollment"),
  };
}

/** A course by id or by slug: an id carries an underscore, which no slug has. */
export const courseIs = (idOrSlug: string): SQL =>
  idPattern("course").test(idOrSlug) ? eq(courseTable.id, idOrSlug) : eq(courseTable.slug, idOrSlug);

export const isEnrolled = (facts: CourseFacts): boolean =>
  facts.enrollment === "active" || facts.enrollment === "completed";

/** May this actor do it with every course of the school, not only with their own? */
export const reachesAll = (permission: PermissionName, actor: Actor = useActor()): boolean =>
  Permission.reach(permission, actor) === "any";

/** Only people who edit the course see draft lessons and empty modules. */
export const seesDrafts = (facts: CourseFacts): boolean => facts.staffRole !== null || reachesAll("course.edit");

/**
 * Decides what "own" means for a course. Reading: published, enrolled, or on its staff; a learner keeps the course when
 * it leaves the catalog. Changing: its instructors; an assistant only sees its learners' progress. Others get a
 * not_found.
 */
function judge(facts: CourseFacts, permission: PermissionName): ResourceFacts | undefined {
  const staff = facts.staffRole !== null;
  const isVisible = facts.status === "published" || isEnrolled(facts) || staff;
  const refusal = isVisible ? "forbidden" : "not_found";
  switch (permission) {
    case "course.read":
      return facts.lesson
        ? judgeLesson(facts, facts.lesson, refusal)
        : { own: isVisible, why: readable(facts), refusal };
    case "enrollment.create":
      // Not even for someone who may enroll everywhere: drafts and archived courses take no one.
      if (facts.status !== "published" && !staff) return undefined;
      return { own: true, why: "The course is open for enrollment.", refusal };
    case "progress.record":
      return {
        own: isEnrolled(facts),
        why: isEnrolled(facts) ? "You are enrolled in this course." : "You are not enrolled in this course.",
        refusal,
      };
    case "progress.read":
      return { own: staff, why: staff ? "You teach this course." : "You do not teach this course.", refusal };
    default: {
      const own = facts.staffRole === "instructor";
      return { own, why: own ? "You teach this course." : "You do not teach this course.", refusal };
    }
  }
}

function judgeLesson(
  facts: CourseFacts,
  lesson: NonNullable<CourseFacts["lesson"]>,
  refusal: ResourceFacts["refusal"],
): ResourceFacts {
  if (facts.staffRole !== null) return { own: true, why: "You teach this course.", refusal };
  if (lesson.status === "draft") return { own: false, why: "That is not available.", refusal: "not_found" };
  if (isEnrolled(facts)) return { own: true, why: "You are enrolled in this course.", refusal };
  if (lesson.isPreview && facts.status === "published") return { own: true, why: "This lesson is a preview.", refusal };
  return { own: false, why: "Enroll in the course to read this lesson.", refusal };
}

function readable(facts: CourseFacts): string {
  if (facts.staffRole !== null) return "You teach this course.";
  if (isEnrolled(facts)) return "You are enrolled in this course.";
  return facts.status === "published" ? "The course is published." : "That is not available.";
}

/** Wraps a course or lesson for the judge, with facts just read in the open transaction. */
export const courseOf = (facts: CourseFacts): ReadResource => ({
  type: facts.lesson ? "lesson" : "course",
  judge: (permission) => judge(facts, permission),
});

/** Word for word what the judge says of a course it must not tell of. */
export const courseNotFound = (): DomainError =>
  new DomainError("not_found", "course.not_found", "That is not available.");

type Read = (tx: Db.Tx, id: string) => Promise<CourseFacts | undefined>;

function register(type: string, read: Read): void {
  Permission.resource(type, async (id, permission) => {
    const facts = await Db.use((tx) => read(tx, id));
    return facts && judge(facts, permission);
  });
}

// Asked on every request that touches a course, so these are named statements (see page.ts).

register("course", async (tx, id) => {
  const [facts] = await tx
    .select(factColumns())
    .from(courseTable)
    .where(courseIs(id))
    .prepare("judge_course")
    .execute();
  return facts;
});

register("lesson", async (tx, id) => {
  const [facts] = await tx
    .select({ ...factColumns(), lesson: { status: lessonTable.status, isPreview: lessonTable.isPreview } })
    .from(lessonTable)
    .innerJoin(courseTable, eq(courseTable.id, lessonTable.courseId))
    .where(eq(lessonTable.id, id))
    .prepare("judge_lesson")
    .execute();
  return facts;
});

register("courseModule", async (tx, id) => {
  const [facts] = await tx
    .select(factColumns())
    .from(courseModuleTable)
    .innerJoin(courseTable, eq(courseTable.id, courseModuleTable.courseId))
    .where(eq(courseModuleTable.id, id));
  return facts;
});

register("asset", async (tx, id) => {
  const [row] = await tx
    .select({ ...factColumns(), owner: assetTable.courseId, shownBy })
    .from(assetTable)
    .leftJoin(courseTable, eq(courseTable.id, assetTable.courseId))
    .where(eq(assetTable.id, id))
    .prepare("judge_asset")
    .execute();
  if (!row) return undefined;
  const { owner, shownBy: place, ...facts } = row;
  // The school's own files, such as a logo, are as public as its home page.
  if (owner === null) return { courseId: null, status: "published", staffRole: null, enrollment: null };
  return place === "course"
    ? facts
    : { ...facts, lesson: { status: place === "draft" ? "draft" : "published", isPreview: place === "preview" } };
});

/**
 * Returns the most open place that shows a file: the course's own page (cover, description), a preview, a lesson for
 * the enrolled, or a draft. It decides who may read the file; an unused file counts as a draft.
 */
const shownBy = sql<"course" | "preview" | "lesson" | "draft">`case
  when course.cover_asset_id = asset.id or course.description_html like '%/media/' || asset.id || '/%' then 'course'
  else coalesce((
    select case when bool_or(l.is_preview) then 'preview' else 'lesson' end
    from lesson l
    where l.course_id = asset.course_id and l.status = 'published' and asset.id = any(l.asset_ids)
    having count(*) > 0
  ), 'draft') end`.as("shown_by");

Permission.resource("category", async (id) => {
  const [row] = await Db.use((tx) =>
    tx.select({ id: categoryTable.id }).from(categoryTable).where(eq(categoryTable.id, id)),
  );
  return row && { own: false, why: "Categories belong to the school.", refusal: "forbidden" };
});

/**
 * Locks the course until the commit, so concurrent changes of its outline run in sequence. Undefined when it was
 * deleted.
 */
export async function lockCourse(tx: Db.Tx, courseId: string): Promise<{ readonly title: string } | undefined> {
  const [row] = await tx
    .select({ title: courseTable.title })
    .from(courseTable)
    .where(eq(courseTable.id, courseId))
    .for("no key update");
  return row;
}
