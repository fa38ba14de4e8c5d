import { and, eq, sql } from "drizzle-orm";
import * as z from "zod";
import { renderSource, rendersIn } from "../../content/rendering/index.ts";
import { lessonFormats } from "../../content/rendering/targets.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import type { ReadResource } from "../../kernel/permission/index.ts";
import { courseTable, lessonTable } from "./course.sql.ts";
import { keepReplaced } from "./history.ts";
import { body, Key, LessonItem, line, Version } from "./info.ts";
import { closeGaps, keepReadable, lockedModule, ModuleRef, onModule, Position, placed, touch } from "./outline.ts";
import { lessonNotFound } from "./page.ts";
import { refreshCourse, tellVisitorsOf } from "./refresh.ts";
import { slugAllocator } from "./slug.ts";
import { courseRow, maxSource, targetsOf } from "./targets.ts";

export const LessonInfo = LessonItem.extend({
  courseId: z.string(),
  moduleId: z.string(),
  position: z.number().int(),
  /** The author's source: Markdown or HTML; an address for a link, an asset id for a file. */
  source: z.string(),
  /** What learners read. */
  html: z.string(),
  /** ETag: give it back with an update. */
  version: z.number().int(),
});
export type LessonInfo = z.infer<typeof LessonInfo>;

const LessonRef = z.object({ lessonId: Key });
const onLesson = ({ lessonId }: { lessonId: string }) => ({ type: "lesson", id: lessonId });

const Title = line(200).min(1, "A lesson needs a title.");
const tooLong = `A lesson may have ${maxSource / 1024} KB of text. Please divide it into several lessons.`;
const Source = body(maxSource, tooLong).refine((text) => Buffer.byteLength(text) <= maxSource, tooLong);
const Minutes = z.coerce.number().int().min(1).max(6_000);
const Status = z.enum(["draft", "published"]);
const maxLessons = 5_000;

/**
 * Adds a lesson at the end of a module, or at `position`; by default a draft, with minutes estimated from its words.
 */
export const addLesson = rendersIn(
  fn.on.tx(
    "course.edit",
    onModule,
    ModuleRef.extend({
      title: Title,
      format: z.enum(lessonFormats).default("markdown"),
      source: Source.default(""),
      minutes: Minutes.optional(),
      isPreview: z.boolean().default(false),
      status: Status.default("draft"),
      position: Position.optional(),
    }),
    async (tx, input): Promise<LessonInfo> => {
      const { courseId, courseSlug } = await lockedModule(tx, input.moduleId);
      const [taken, targets] = await Promise.all([
        tx
          .select({ slug: lessonTable.slug, moduleId: lessonTable.moduleId })
          .from(lessonTable)
          .where(eq(lessonTable.courseId, courseId)),
        targetsOf(tx, { id: courseId, slug: courseSlug }, input.format, input.source),
      ]);
      if (taken.length >= maxLessons)
        throw new DomainError("conflict", "course.too_many_lessons", `A course holds at most ${maxLessons} lessons.`);
      const rendered = await renderSource(input.format, input.source, targets);
      const [row] = await tx
        .insert(lessonTable)
        .values({
          id: createId("lesson"),
          courseId,
          moduleId: input.moduleId,
          slug: slugAllocator(taken.map(({ slug }) => slug))(input.title),
          title: input.title,
          format: input.format,
          source: input.source,
          html: rendered.html,
          minutes: input.minutes ?? rendered.minutes,
          isPreview: input.isPreview,
          status: input.status,
          position: taken.filter(({ moduleId }) => moduleId === input.moduleId).length,
        })
        .returning();
      if (!row) throw new Error("an insert returned no row");
      if (row.status === "published" && row.isEmpty) throw emptyLesson();
      if (input.position !== undefined) await place(tx, row.id, input.moduleId, input.position);
      await refreshCourse(tx, courseId);
      return read(tx, row.id);
    },
  ),
);

/** Changes the given fields. `version` is the one the editor saw; throws "lesson.stale" after a newer change. */
export const updateLesson = rendersIn(
  fn.on.tx(
    "course.edit",
    onLesson,
    LessonRef.extend({
      version: Version,
      title: Title.optional(),
      source: Source.optional(),
      minutes: Minutes.optional(),
      isPreview: z.boolean().optional(),
      status: Status.optional(),
    }),
    async (tx, { lessonId, version, ...input }): Promise<LessonInfo> => {
      const before = await locked(tx, lessonId);
      if (before.version !== version) {
        const message = "Someone else changed the lesson meanwhile. Look at it again first.";
        throw new DomainError("stale", "lesson.stale", message);
      }
      const { source } = input;
      const rendered =
        source === undefined || source === before.source
          ? undefined
          : await renderSource(
              before.format,
              source,
              await targetsOf(tx, await courseRow(tx, before.courseId), before.format, source),
            );
      await keepReplaced(
        tx,
        { courseId: before.courseId, lessonId },
        { title: before.title, source: before.source },
        { title: input.title, source },
      );
      const [after] = await tx
        .update(lessonTable)
        .set({
          ...(input.title === undefined ? {} : { title: input.title }),
          ...(rendered ? { source, html: rendered.html } : {}),
          ...(input.minutes === undefined ? {} : { minutes: input.minutes }),
          ...(input.isPreview === undefined ? {} : { isPreview: input.isPreview }),
          ...(input.status === undefined ? {} : { status: input.status }),
          version: sql`${lessonTable.version} + 1`,
        })
        .where(eq(lessonTable.id, lessonId))
        .returning({ status: lessonTable.status, isEmpty: lessonTable.isEmpty });
      if (!after) throw lessonNotFound();
      const wasShownEmpty = before.status === "published" && before.isEmpty;
      if (after.status === "published" && after.isEmpty && !wasShownEmpty) throw emptyLesson();
      const isInOutline =
        after.isEmpty !== before.isEmpty ||
        (["title", "minutes", "isPreview", "status"] as const).some(
          (field) => input[field] !== undefined && input[field] !== before[field],
        );
      if (isInOutline) {
        await refreshCourse(tx, before.courseId);
        await keepReadable(tx, before.courseId);
      } else if (rendered && before.isPreview) {
        // Visitors read previews.
        await tellVisitorsOf(tx, before.courseId);
      }
      return read(tx, lessonId);
    },
  ),
);

/** Moves a lesson within its module or to another module of the same course. */
export const moveLesson = fn.on.tx(
  "course.edit",
  onLesson,
  LessonRef.extend({ moduleId: Key.optional(), position: Position }),
  async (tx, { lessonId, moduleId, position }): Promise<LessonInfo> => {
    const lesson = await locked(tx, lessonId);
    const target = moduleId ?? lesson.moduleId;
    if (target !== lesson.moduleId) {
      const { courseId } = await lockedModule(tx, target);
      // A module of another course counts as not found: a lesson's learners and slug belong to its course.
      if (courseId !== lesson.courseId)
        throw new DomainError("not_found", "courseModule.not_found", "That is not available.");
    }
    await place(tx, lessonId, target, position);
    if (target !== lesson.moduleId) await closeGaps(tx, sql`lesson`, sql`module_id = ${lesson.moduleId}`);
    await touch(tx, lesson.courseId);
    return read(tx, lessonId);
  },
);

export const removeLesson = fn.on.tx("course.edit", onLesson, LessonRef, async (tx, { lessonId }) => {
  const lesson = await locked(tx, lessonId);
  await tx.delete(lessonTable).where(eq(lessonTable.id, lessonId));
  await closeGaps(tx, sql`lesson`, sql`module_id = ${lesson.moduleId}`);
  await refreshCourse(tx, lesson.courseId);
  await keepReadable(tx, lesson.courseId);
  return { lessonId, courseId: lesson.courseId };
});

/** Text that the caller types in the request is their own. */
const ownText: ReadResource = {
  type: "text",
  judge: () => ({ own: true, why: "It is your own text.", refusal: "forbidden" }),
};

/** Renders a source as learners would read it. With a course, resolves links to its lessons and files. */
export const previewSource = fn.on(
  "course.edit",
  ({ courseId }) => (courseId === undefined ? ownText : { type: "course", id: courseId }),
  z.object({ format: z.enum(["markdown", "html", "discussion"]), source: Source, courseId: Key.optional() }),
  async ({ format, source, courseId }): Promise<{ readonly html: string; readonly minutes: number }> => {
    const targets =
      courseId === undefined
        ? undefined
        : await Db.use(async (tx) => targetsOf(tx, await courseRow(tx, courseId), format, source));
    return renderSource(format, source, targets);
  },
);

function emptyLesson(): DomainError {
  const message = "Write something in the lesson before you publish it.";
  return new DomainError("invalid", "lesson.empty", message, { source: message });
}

const place = (tx: Db.Tx, lessonId: string, moduleId: string, position: number) =>
  tx.execute(sql`
    update lesson l set position = placed.position, module_id = ${moduleId}, updated_at = now()
    from (${placed(sql`lesson`, sql`module_id = ${moduleId}`, lessonId, position)}) placed
    where l.id = placed.id and (l.position <> placed.position or l.module_id <> ${moduleId})`);

/** Locks the course's outline until the commit, then returns the lesson. */
async function locked(tx: Db.Tx, lessonId: string) {
  const [held] = await tx
    .select({ courseId: courseTable.id })
    .from(lessonTable)
    .innerJoin(courseTable, eq(courseTable.id, lessonTable.courseId))
    .where(eq(lessonTable.id, lessonId))
    .for("no key update", { of: courseTable });
  if (!held) throw lessonNotFound();
  // A separate statement: the one that waited for the lock still sees the rows from before it.
  const [lesson] = await tx
    .select()
    .from(lessonTable)
    .where(and(eq(lessonTable.id, lessonId), eq(lessonTable.courseId, held.courseId)));
  if (!lesson) throw lessonNotFound();
  return lesson;
}

async function read(tx: Db.Tx, lessonId: string): Promise<LessonInfo> {
  const [row] = await tx.select().from(lessonTable).where(eq(lessonTable.id, lessonId));
  if (!row) throw lessonNotFound();
  return LessonInfo.parse(row);
}
