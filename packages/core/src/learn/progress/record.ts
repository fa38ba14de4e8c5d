import { LRUCache } from "lru-cache";
import * as z from "zod";
import type { UserActor } from "../../kernel/actor/index.ts";
import { mine } from "../../kernel/dynamo/index.ts";
import { put } from "../../kernel/dynamo/transact.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { idPattern } from "../../kernel/id/index.ts";
import { Metric } from "../../kernel/metric/index.ts";
import { CourseId, type Membership, membership, UserId } from "../enrollment/index.ts";
import { type CompletionRule, complete, earnedKey, higher, lowered } from "./completion.ts";
import { freshOutline, type Outline, recentOutline } from "./outline.ts";
import { SummaryItem } from "./progress.entity.ts";
import { Events } from "./progress.event.ts";
import { completed, factItem, type Stored, type StoredFact, step, toStored } from "./store.ts";
import { type Summary, toSummary } from "./summary.ts";

const LessonId = z.string().regex(idPattern("lesson"), "That is not the id of a lesson.");
const Where = z.object({ courseId: CourseId, lessonId: LessonId });

/**
 * Marks a lesson done for the signed-in learner. A repetition changes nothing: one fact, one event. The last lesson of
 * a course completes it, which publishes one event.
 */
export const markDone = fn.self("progress.record", Where, async (me, { courseId, lessonId }): Promise<Summary> => {
  const member = await requireMember(me, courseId);
  const outline = await outlineWith(courseId, lessonId);
  requireTickable(outline, lessonId);
  return credit(member, outline, { kind: "done", lessonId });
});

/**
 * Records that a learner watched, passed or attended a lesson, which completes it where its rule asks for that. For the part
 * of Lectern that has seen it, as the system. Twice is the same as once. @throws progress.not_enrolled, lesson.not_found
 */
export const recordFor = fn.system(
  "the player, the quiz or the live session has seen it",
  Where.extend({ userId: UserId, kind: z.enum(["watched", "passed", "attended"]) }),
  async ({ courseId, lessonId, userId, kind }): Promise<Summary> =>
    credit(await requireMember({ userId }, courseId), await outlineWith(courseId, lessonId), { kind, lessonId }),
);

interface Credit {
  readonly kind: CompletionRule;
  readonly lessonId: string;
}

const hasCredit = (before: Stored, { kind, lessonId }: Credit): boolean =>
  kind === "done" ? before.doneIds.includes(lessonId) : before.earned.includes(earnedKey(kind, lessonId));

const withCredit = (before: Stored, { kind, lessonId }: Credit): Stored =>
  kind === "done"
    ? { ...before, doneIds: [...before.doneIds, lessonId] }
    : { ...before, earned: [...before.earned, earnedKey(kind, lessonId)] };

async function credit(member: Membership, remembered: Outline, what: Credit): Promise<Summary> {
  const { courseId } = member;
  const { kind, lessonId } = what;
  let outline = remembered;
  let isFresh = false;
  let done = { isNew: false, isLast: false };
  const stored = await step(member, async (before) => {
    done = { isNew: false, isLast: false };
    if (hasCredit(before, what)) return undefined;
    const after = withCredit(before, what);
    let seen = complete(after, outline);
    if (seen.raw === 100 && before.mark?.percent !== 100 && !isFresh) {
      // A lesson published a moment ago may not be in the remembered outline, and a completion cannot be taken back.
      outline = (await freshOutline(courseId)) ?? outline;
      isFresh = true;
      seen = complete(after, outline);
    }
    const { raw, total } = seen;
    const at = Date.now();
    const mark = raw > 0 ? higher(before.mark, { percent: raw, total, at }) : before.mark;
    const isNew = kind === "done" || seen.done > complete(before, outline).done;
    const lessonTold = Events.LessonCompleted.item({ courseId, userId: member.userId, lessonId });
    const courseTold = completed(member, before, mark);
    done = { isNew, isLast: courseTold.length > 0 };
    const place = { era: before.era, round: before.round, at, percent: raw, total };
    return {
      ...factOf(what, place, before),
      after: { ...after, mark, lastLessonId: lessonId, lastActivityAt: at },
      events: [...(isNew ? [put(lessonTold)] : []), ...courseTold],
    };
  });
  if (done.isNew) Metric.userActivity("lesson_done");
  if (done.isLast) Metric.userActivity("course_completed");
  return toSummary(stored, outline);
}

/** An opening has its own fact already, without a percentage: where it raises the mark, that is a fact of its own. */
function factOf(
  { kind, lessonId }: Credit,
  place: { readonly era: number; readonly round: number; at: number; percent: number; total: number },
  before: Stored,
): { fact?: StoredFact } {
  if (kind !== "opened") return { fact: { ...place, kind, lessonId } };
  return place.percent > (before.mark?.percent ?? 0) ? { fact: { ...place, kind: "raised" } } : {};
}

/**
 * Unticks a lesson for the signed-in learner by appending a fact. A completed course stays completed, with its
 * certificate. A repetition changes nothing.
 */
export const reopen = fn.self("progress.record", Where, async (me, { courseId, lessonId }): Promise<Summary> => {
  const member = await requireMember(me, courseId);
  const outline = await outlineWith(courseId, lessonId);
  requireTickable(outline, lessonId);
  const stored = await step(member, async (before) => {
    if (!before.doneIds.includes(lessonId)) return undefined;
    const doneIds = before.doneIds.filter((id) => id !== lessonId);
    const at = Date.now();
    const mark = lowered(before.mark, complete({ ...before, doneIds, mark: undefined }, outline), at);
    const { era, round } = before;
    return {
      fact: { kind: "reopened", era, round, lessonId, at, percent: mark.percent, total: mark.total },
      after: {
        ...{ ...before, doneIds, round: round + 1, mark: mark.percent > 0 ? mark : undefined },
        ...{ lastLessonId: lessonId, lastActivityAt: at },
      },
    };
  });
  return toSummary(stored, outline);
});

// What this process has written already: who scrolls back and forth causes no writes.
const openedLately = new LRUCache<string, string>({ max: 5_000, ttl: 60_000 });

/** Remembers where reading goes on, and the first opening of each lesson. No version, no event: two plain writes. */
export const opened = fn.self("progress.record", Where, async (me, { courseId, lessonId }): Promise<void> => {
  const member = await requireMember(me, courseId);
  const outline = await outlineWith(courseId, lessonId);
  const { userId } = member;
  const name = `${mine().schoolId}|${courseId}|${userId}`;
  if (openedLately.get(name) === lessonId) return;
  const at = Date.now();
  const { data } = await SummaryItem()
    .upsert({ ...mine(), userId, courseId, lastLessonId: lessonId, lastActivityAt: at })
    .go({ response: "all_new" });
  openedLately.set(name, lessonId);
  Metric.userActivity("lesson_opened");
  const { era, doneIds } = toStored(data);
  if (doneIds.includes(lessonId)) return;
  await factItem(member, { kind: "opened", era, lessonId, at }).go().catch(unlessKnown);
  if (ruleOf(outline, lessonId) === "opened") await credit(member, outline, { kind: "opened", lessonId });
});

/** A fact of any of the three kinds, for callers who have it as data. */
export const record = fn.self(
  "progress.record",
  Where.extend({ kind: z.enum(["opened", "done", "reopened"]) }),
  async (_, { kind, ...where }): Promise<Summary | undefined> => {
    if (kind === "done") return markDone(where);
    if (kind === "reopened") return reopen(where);
    await opened(where);
    return undefined;
  },
);

/** The person's place in the course. @throws progress.not_enrolled when they are not in it */
export async function requireMember({ userId }: Pick<UserActor, "userId">, courseId: string): Promise<Membership> {
  const member = await membership(courseId, userId);
  if (!member) throw new DomainError("forbidden", "progress.not_enrolled", "You are not enrolled in this course.");
  return member;
}

const ruleOf = ({ lessons }: Outline, lessonId: string): CompletionRule =>
  lessons.find(({ id }) => id === lessonId)?.rule ?? "done";

/** A lesson that is completed by what happens in it takes no tick. */
function requireTickable(outline: Outline, lessonId: string): void {
  const rule = ruleOf(outline, lessonId);
  if (rule !== "done")
    throw new DomainError("conflict", "lesson.not_ticked", `This lesson is completed when it is ${rule}.`);
}

async function outlineWith(courseId: string, lessonId: string): Promise<Outline> {
  const knows = (outline: Outline | undefined) => outline?.lessons.some((lesson) => lesson.id === lessonId);
  const recent = await recentOutline(courseId);
  if (recent && knows(recent)) return recent;
  const fresh = await freshOutline(courseId);
  if (fresh && knows(fresh)) return fresh;
  if (fresh?.emptyIds.includes(lessonId))
    throw new DomainError("conflict", "lesson.empty", "Nothing has been written in this lesson yet.");
  throw new DomainError("not_found", "lesson.not_found", "That lesson is not available.");
}

function unlessKnown(error: unknown): void {
  const names = [error, (error as { cause?: unknown }).cause].map((each) => (each as Error | undefined)?.name);
  if (!names.includes("ConditionalCheckFailedException")) throw error;
}
