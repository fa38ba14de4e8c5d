import { randomInt } from "node:crypto";
import { and, eq, inArray, ne, sql } from "drizzle-orm";
import * as z from "zod";
import { rendersIn, richText } from "../../content/rendering/index.ts";
import { useActor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Metric } from "../../kernel/metric/index.ts";
import { Storage } from "../../kernel/storage/index.ts";
import * as Audit from "../../people/audit/index.ts";
import { Locale } from "../../util/locale.ts";
import { categoryTable } from "../category/category.sql.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { lockCourse } from "./access.ts";
import { Events } from "./course.event.ts";
import {
  assetTable,
  courseLevels,
  courseModuleTable,
  courseStaffTable,
  courseTable,
  lessonTable,
} from "./course.sql.ts";
import { keepReplaced } from "./history.ts";
import { body, CourseRef, type Info, infoOf, Key, line, Version } from "./info.ts";
import { refreshCourse, tellVisitors } from "./refresh.ts";
import { freeCourseSlug } from "./slug.ts";

const Fields = z.object({
  title: line(200).min(1, "A course needs a title."),
  summary: line(300).optional(),
  /** HTML, or Markdown when it holds no tag. Sanitised. */
  descriptionHtml: body(100_000).optional(),
  level: z.enum(courseLevels).optional(),
  language: Locale.optional(),
  categoryId: Key.nullable().optional(),
  /** "What you will be able to do", one a line. Empty lines fall away. */
  outcomes: z.array(line(200)).max(20).optional(),
});

export const onCourse = ({ courseId }: { courseId: string }) => ({ type: "course", id: courseId });

/** Creates a draft taught by its creator. The slug comes from the title and stays when the title changes. */
export const create = rendersIn(
  fn.any("course.create", Fields, (input) =>
    Db.use(async (tx): Promise<Info> => {
      const actor = useActor();
      const id = createId("course");
      const values = {
        id,
        title: input.title,
        createdBy: actor.type === "user" ? actor.userId : null,
        ...(await clean(tx, input)),
      };
      await insertWithSlug(tx, values);
      if (actor.type === "user")
        await tx.insert(courseStaffTable).values({ courseId: id, userId: actor.userId, role: "instructor" });
      await refreshCourse(tx, id, { bump: false });
      return infoOf(tx, id);
    }),
  ),
);

/** Inserts under a free slug; concurrent courses with the same title get different ones. */
export async function insertWithSlug(
  tx: Db.Tx,
  values: Omit<typeof courseTable.$inferInsert, "slug">,
): Promise<{ readonly slug: string }> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const free = await freeCourseSlug(tx, values.title);
    const slug = attempt === 0 ? free : `${free}-${randomInt(1000, 10_000)}`;
    const [row] = await tx
      .insert(courseTable)
      .values({ ...values, slug })
      .onConflictDoNothing({ target: courseTable.slug })
      .returning({ slug: courseTable.slug });
    if (row) return row;
  }
  throw new DomainError("unavailable", "course.slug_taken", "Please try again.", undefined, 1);
}

/** Changes the given fields. `version` is the one the editor saw; throws "course.stale" after a newer change. */
export const update = rendersIn(
  fn.on.tx(
    "course.edit",
    onCourse,
    CourseRef.extend(Fields.partial().shape).extend({ version: Version }),
    async (tx, { courseId, version, ...input }): Promise<Info> => {
      const changes = { ...(input.title === undefined ? {} : { title: input.title }), ...(await clean(tx, input)) };
      const [before] = await tx.select().from(courseTable).where(eq(courseTable.id, courseId)).for("no key update");
      if (before?.version === version)
        await keepReplaced(tx, { courseId, lessonId: null }, textsOf(before), textsOf(changes));
      const [row] = await tx
        .update(courseTable)
        .set({
          ...changes,
          version: sql`${courseTable.version} + 1`,
        })
        .where(and(eq(courseTable.id, courseId), eq(courseTable.version, version)))
        .returning({ id: courseTable.id });
      if (!row) {
        throw new DomainError(
          "stale",
          "course.stale",
          "Someone else changed the course meanwhile. Look at it again first.",
        );
      }
      await refreshCourse(tx, courseId, { bump: false });
      return infoOf(tx, courseId);
    },
  ),
);

/** The texts of a course, for its history. */
const textsOf = <T extends { title?: string; summary?: string; descriptionHtml?: string; outcomes?: string[] }>({
  title,
  summary,
  descriptionHtml,
  outcomes,
}: T) => ({ title, summary, descriptionHtml, outcomes: outcomes?.join("\n") });

async function clean(tx: Db.Tx, input: Partial<z.output<typeof Fields>>) {
  const { summary, descriptionHtml, level, language, categoryId, outcomes } = input;
  if (categoryId) {
    const [known] = await tx
      .select({ id: categoryTable.id })
      .from(categoryTable)
      .where(eq(categoryTable.id, categoryId));
    if (!known) {
      const message = "That category does not exist.";
      throw new DomainError("invalid", "category.not_found", message, { categoryId: message });
    }
  }
  return {
    ...(summary === undefined ? {} : { summary }),
    ...(descriptionHtml === undefined ? {} : { descriptionHtml: await richText(descriptionHtml) }),
    ...(level === undefined ? {} : { level }),
    ...(language === undefined ? {} : { language }),
    ...(categoryId === undefined ? {} : { categoryId }),
    ...(outcomes === undefined ? {} : { outcomes: outcomes.filter((outcome) => outcome !== "") }),
  };
}

/** Returns what prevents publishing, by field, and the published lessons that are empty. */
export async function missingToPublish(
  tx: Db.Tx,
  courseId: string,
): Promise<{ missing: Record<string, string>; empty: { id: string; title: string }[] }> {
  const rows = await tx
    .select({ course: courseTable.title, id: lessonTable.id, title: lessonTable.title, isEmpty: lessonTable.isEmpty })
    .from(courseTable)
    .leftJoin(lessonTable, and(eq(lessonTable.courseId, courseTable.id), eq(lessonTable.status, "published")))
    .leftJoin(courseModuleTable, eq(courseModuleTable.id, lessonTable.moduleId))
    .where(eq(courseTable.id, courseId))
    .orderBy(courseModuleTable.position, lessonTable.position);
  const published = rows.flatMap(({ id, title, isEmpty }) => (id && title ? [{ id, title, isEmpty }] : []));
  const empty = published.filter(({ isEmpty }) => isEmpty).map(({ id, title }) => ({ id, title }));
  const missing: Record<string, string> = {};
  if (!rows[0]?.course.trim()) missing.title = "Give the course a title.";
  if (published.length === 0) missing.lessons = "Write a lesson and publish it.";
  else if (empty.length > 0) {
    const named = empty.slice(0, 5).map(({ title }) => `“${title}”`);
    const more = empty.length > named.length ? ` and ${empty.length - named.length} more` : "";
    missing.lessons = `Write something in each published lesson, or make it a draft: ${named.join(", ")}${more}.`;
  }
  return { missing, empty };
}

const Publication = CourseRef.extend({
  /** Drafts that have text in them: they stay drafts, or are published together with the course. */
  drafts: z.enum(["keep", "publish"]).default("keep"),
  /** Published lessons with nothing in them: they keep the course from being published, or become drafts. */
  empty: z.enum(["refuse", "draft"]).default("refuse"),
});

/**
 * Publishes the course in the catalog. Throws "course.not_ready" with what to fix in `fields`. A repetition changes
 * nothing.
 */
export const publish = fn.on.tx("course.publish", onCourse, Publication, async (tx, input): Promise<Info> => {
  const { courseId, drafts, empty } = input;
  if (drafts === "publish" || empty === "draft") {
    await lockCourse(tx, courseId);
    const { isEmpty, status, version } = lessonTable;
    const change = (from: "draft" | "published", to: "draft" | "published", whereEmpty: boolean) =>
      tx
        .update(lessonTable)
        .set({ status: to, version: sql`${version} + 1` })
        .where(and(eq(lessonTable.courseId, courseId), eq(status, from), eq(isEmpty, whereEmpty)));
    if (drafts === "publish") await change("draft", "published", false);
    if (empty === "draft") await change("published", "draft", true);
    await refreshCourse(tx, courseId);
  }
  const { missing } = await missingToPublish(tx, courseId);
  if (Object.keys(missing).length > 0) {
    const message = "The course is not ready to be published.";
    throw new DomainError("invalid", "course.not_ready", message, missing);
  }
  if (await changeStatus(tx, courseId, "published")) {
    await Events.Published.emit({ courseId });
    Db.afterCommit(() => Metric.userActivity("course_published"));
  }
  return infoOf(tx, courseId);
});

/** Takes the course out of the catalog and back to a draft. Those enrolled keep it. */
export const unpublish = fn.on.tx("course.publish", onCourse, CourseRef, async (tx, { courseId }): Promise<Info> => {
  if (await changeStatus(tx, courseId, "draft")) await Events.Unpublished.emit({ courseId });
  return infoOf(tx, courseId);
});

/** Closes the course: no catalog, no new learners. Those enrolled keep reading and can finish. */
export const archive = fn.on.tx("course.publish", onCourse, CourseRef, async (tx, { courseId }): Promise<Info> => {
  if (await changeStatus(tx, courseId, "archived")) await Events.Archived.emit({ courseId });
  return infoOf(tx, courseId);
});

const actionOf = { published: "course.published", draft: "course.unpublished", archived: "course.archived" } as const;

/** False when the course had that status already: then nothing is written. */
async function changeStatus(tx: Db.Tx, courseId: string, status: keyof typeof actionOf): Promise<boolean> {
  const [row] = await tx
    .update(courseTable)
    .set({
      status,
      version: sql`${courseTable.version} + 1`,
      // The first day it was open; a pause does not make an old course new.
      ...(status === "published" ? { publishedAt: sql`coalesce(${courseTable.publishedAt}, now())` } : {}),
    })
    .where(and(eq(courseTable.id, courseId), ne(courseTable.status, status)))
    // A subquery of RETURNING still sees the row as it was.
    .returning({
      title: courseTable.title,
      before: sql<string>`(select was.status from course was where was.id = ${courseId})`,
    });
  if (!row) return false;
  await Audit.record({
    action: actionOf[status],
    targetType: "course",
    targetId: courseId,
    targetLabel: row.title,
    data: { title: row.title, before: { status: row.before }, after: { status } },
  });
  return true;
}

const removeRows = fn.on.tx("course.delete", onCourse, CourseRef, async (tx, { courseId }) => {
  const [row] = await tx
    .select({
      title: courseTable.title,
      status: courseTable.status,
      learners: sql<number>`(select count(*)::int from enrollment e where e.course_id = ${courseId} and e.status <> 'withdrawn')`,
    })
    .from(courseTable)
    .where(eq(courseTable.id, courseId))
    .for("update");
  if (row && row.learners > 0 && row.status !== "archived") {
    throw new DomainError(
      "conflict",
      "course.has_learners",
      `${row.learners === 1 ? "One person is" : `${row.learners} people are`} enrolled. Archive the course first.`,
    );
  }
  await Audit.record({
    action: "course.removed",
    targetType: "course",
    targetId: courseId,
    targetLabel: row?.title ?? "",
    data: { title: row?.title ?? "", learners: row?.learners ?? 0 },
  });
  await tx.delete(courseTable).where(eq(courseTable.id, courseId));
  if (row?.status === "published") await Events.Removed.emit({ courseId });
  return { courseId };
});
/**
 * Deletes a course with its lessons, files and enrollments; certificates stay. A course with active enrollments must be
 * archived first, so no learner loses it by one click. Call it outside a transaction: it deletes the files after the
 * commit.
 */
export const remove = Object.assign(
  async (input: z.input<typeof CourseRef>): Promise<{ readonly courseId: string }> => {
    const { courseId } = await removeRows(input);
    // Without their rows these files are unreachable. After a failure here the nightly sweep deletes them.
    await Storage.deletePrefix({ prefix: `${Storage.key("course", courseId)}/` });
    return { courseId };
  },
  { form: removeRows.form, policy: removeRows.policy, schema: removeRows.schema },
);

/** Sets the picture of the catalog card and the course page: an image of this course, or null. */
export const setCover = fn.on.tx(
  "course.edit",
  onCourse,
  CourseRef.extend({ assetId: Key.nullable() }),
  async (tx, { courseId, assetId }): Promise<Info> => {
    if (assetId !== null) {
      const [asset] = await tx
        .select({ id: assetTable.id })
        .from(assetTable)
        .where(
          and(
            eq(assetTable.id, assetId),
            eq(assetTable.courseId, courseId),
            inArray(assetTable.contentType, [...Storage.imageTypes]),
          ),
        );
      if (!asset) {
        const message = "Choose a picture of this course: PNG, JPEG, WebP, AVIF or GIF.";
        throw new DomainError("invalid", "cover.not_an_image", message, { assetId: message });
      }
    }
    await tellVisitors(
      await tx
        .update(courseTable)
        .set({ coverAssetId: assetId, version: sql`${courseTable.version} + 1` })
        .where(eq(courseTable.id, courseId))
        .returning({ id: courseTable.id, status: courseTable.status }),
    );
    return infoOf(tx, courseId);
  },
);

/** Enrollments that are not withdrawn, as the studio lists it. */
export const learnerCount = sql<number>`(select count(*)::int from ${enrollmentTable} e where e.course_id = course.id and e.status <> 'withdrawn')`;
