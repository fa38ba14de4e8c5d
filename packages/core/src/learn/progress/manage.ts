import { and, eq } from "drizzle-orm";
import * as z from "zod";
import { Actor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import * as Audit from "../../people/audit/index.ts";
import { oneLine } from "../../util/text/index.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { CourseId, UserId } from "../enrollment/index.ts";
import { standingOf } from "./completion.ts";
import { readOutline } from "./outline.ts";
import { readFacts, readStored, type Stored, step } from "./store.ts";
import { type Summary, toSummary } from "./summary.ts";

const onCourse = ({ courseId }: { courseId: string }) => ({ type: "course", id: courseId });

/**
 * Resets a learner's course to 0 %. Deletes nothing: appends a reset mark, and earlier facts no longer count.
 * Certificates stay. The audit entry comes first, so no reset lacks one; after a crash between the two, a second call
 * completes the reset.
 */
export const reset = fn.on(
  "progress.reset",
  onCourse,
  z.object({
    courseId: CourseId,
    userId: UserId,
    reason: z.string().overwrite(oneLine).min(3, "Say why, in a few words.").max(500),
  }),
  async ({ courseId, userId, reason }): Promise<Summary> => {
    const place = { courseId, userId };
    const outline = await Db.use(async (tx) => {
      const mine = and(eq(enrollmentTable.courseId, courseId), eq(enrollmentTable.userId, userId));
      const [enrollment] = await tx.select().from(enrollmentTable).where(mine).for("update");
      if (!enrollment) throw new DomainError("not_found", "enrollment.not_found", "That person is not in this course.");
      await Audit.record({
        action: "progress.reset",
        targetType: "enrollment",
        targetId: enrollment.id,
        targetUserId: userId,
        data: { courseId, userId, reason },
      });
      await tx
        .update(enrollmentTable)
        .set({ status: enrollment.status === "withdrawn" ? "withdrawn" : "active", completedAt: null })
        .where(mine);
      return readOutline(courseId);
    });
    if (!outline) throw new DomainError("not_found", "course.not_found", "That course is not available.");
    const by = Actor.stamp(Actor.useActor()).id ?? undefined;
    const stored = await step(place, async (before) => {
      const era = before.era + 1;
      return {
        fact: { kind: "reset", era, at: Date.now(), by, reason },
        after: { ...before, era, round: 0, doneIds: [], earned: [], mark: undefined, lastLessonId: undefined },
      };
    });
    return toSummary(stored, outline);
  },
);

/**
 * Recomputes a learner's standing from every fact and compares it with the summary. They should always agree; if not,
 * it repairs the summary and returns `agreed` false.
 */
export const recompute = fn.on(
  "progress.read",
  onCourse,
  z.object({ courseId: CourseId, userId: UserId }),
  async ({ courseId, userId }): Promise<{ agreed: boolean; summary: Summary }> => {
    const place = { courseId, userId };
    const outline = await readOutline(courseId);
    if (!outline) throw new DomainError("not_found", "course.not_found", "That course is not available.");
    const before = await readStored(place);
    const standing = standingOf(await readFacts(place));
    // A fact written between the two reads is not a disagreement; the version tells.
    const again = await readStored(place);
    if (again.version !== before.version) return recompute({ courseId, userId });
    const agreed = sameStanding(before, standing);
    const stored = agreed
      ? before
      : await step(place, async (now) =>
          now.version === before.version ? { after: { ...now, ...standing, openedIds: undefined } } : undefined,
        );
    return { agreed, summary: toSummary({ ...stored, openedIds: standing.openedIds }, outline) };
  },
);

function sameStanding(stored: Stored, { era, round, doneIds, earned, mark }: ReturnType<typeof standingOf>): boolean {
  const known = new Set(stored.doneIds);
  const sameDone = doneIds.every((id) => known.has(id));
  const sameMark = stored.mark?.percent === mark?.percent && stored.mark?.total === mark?.total;
  // A summary holds only the openings that complete a lesson.
  const counted = (all: readonly string[]) =>
    all
      .filter((each) => !each.startsWith("opened:"))
      .sort()
      .join(" ");
  const sameEarned = counted(earned) === counted(stored.earned) && stored.earned.every((each) => earned.includes(each));
  return (
    sameEarned &&
    stored.era === era &&
    stored.round === round &&
    sameDone &&
    sameMark &&
    stored.doneIds.length === doneIds.length
  );
}
