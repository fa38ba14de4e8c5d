import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { mine, readItem } from "../../kernel/dynamo/index.ts";
import { put, transact, update, type Write } from "../../kernel/dynamo/transact.ts";
import { DomainError } from "../../kernel/error/index.ts";
import type { Membership } from "../enrollment/index.ts";
import { complete, type Fact, higher, type Mark, type Outcome, type Standing } from "./completion.ts";
import type { Outline } from "./outline.ts";
import { FactItem, SummaryItem } from "./progress.entity.ts";
import { Events } from "./progress.event.ts";

// How facts and summaries are stored. One TransactWriteItems, conditional on the summary's version, writes a fact, the
// summary and the events, so a crash cannot separate them and only one of two concurrent writers succeeds.

/** Whose progress, in which course. */
export interface Place {
  readonly courseId: string;
  readonly userId: string;
}

export interface Stored extends Standing {
  /** 0 when no fact has counted yet. */
  readonly version: number;
  readonly lastLessonId: string | undefined;
  readonly lastActivityAt: number | undefined;
}

export type StoredFact = Fact & { readonly by?: string | undefined; readonly reason?: string | undefined };

type SummaryData = NonNullable<Awaited<ReturnType<ReturnType<ReturnType<typeof SummaryItem>["get"]>["go"]>>["data"]>;
type FactData = NonNullable<Awaited<ReturnType<ReturnType<ReturnType<typeof FactItem>["get"]>["go"]>>["data"]>;

const nothing: Stored = {
  version: 0,
  era: 0,
  round: 0,
  doneIds: [],
  earned: [],
  mark: undefined,
  lastLessonId: undefined,
  lastActivityAt: undefined,
};

export function toStored(data: SummaryData | null | undefined): Stored {
  if (!data) return nothing;
  const { percent = 0, total = 0, markedAt = 0 } = data;
  return {
    version: data.version ?? 0,
    era: data.era ?? 0,
    round: data.round ?? 0,
    doneIds: data.done ? data.done.split(" ") : [],
    earned: data.earned ? data.earned.split(" ") : [],
    mark: percent > 0 ? { percent, total, at: markedAt } : undefined,
    lastLessonId: data.lastLessonId || undefined,
    lastActivityAt: data.lastActivityAt,
  };
}

/** The summary as it is now (a consistent read). */
export async function readStored({ courseId, userId }: Place): Promise<Stored> {
  const summary = SummaryItem();
  return toStored(await readItem(summary, summary.get({ ...mine(), userId, courseId })));
}

/** Every fact of a learner in a course, in no particular order. */
export async function readFacts({ courseId, userId }: Place): Promise<StoredFact[]> {
  const { data } = await FactItem()
    .query.byLearner({ ...mine(), userId, courseId })
    .go({ consistent: true, pages: "all" });
  return data.map(toFact);
}

function toFact(data: FactData): StoredFact {
  const era = Number(data.era);
  const { at, percent = 0, total = 0, round = 0 } = data;
  const [lessonId = ""] = data.subject.split(".");
  if (data.kind === "opened") return { kind: "opened", era, lessonId, at };
  if (data.kind === "raised") return { kind: "raised", era, round, at, percent, total };
  if (data.kind === "reset") return { kind: "reset", era, at, by: data.by, reason: data.reason };
  return { kind: data.kind, era, round, lessonId, at, percent, total };
}

/** A new fact as an item that can be written once only. */
export const factItem = (place: Place, fact: StoredFact) =>
  FactItem().create({
    ...mine(),
    userId: place.userId,
    courseId: place.courseId,
    era: String(fact.era).padStart(4, "0"),
    kind: fact.kind,
    subject: subjectOf(fact),
    ...("round" in fact && fact.round && { round: fact.round }),
    at: fact.at,
    ...("percent" in fact && { percent: fact.percent, total: fact.total }),
    ...(fact.by !== undefined && { by: fact.by }),
    ...(fact.reason !== undefined && { reason: fact.reason }),
  });

function subjectOf(fact: StoredFact): string {
  const subject = "lessonId" in fact ? fact.lessonId : fact.kind === "raised" ? String(fact.percent) : "-";
  return "round" in fact && fact.round ? `${subject}.${fact.round}` : subject;
}

const summaryItem = ({ courseId, userId }: Place, before: Stored, after: Stored) =>
  SummaryItem()
    .upsert({
      ...mine(),
      userId,
      courseId,
      version: after.version,
      era: after.era,
      round: after.round,
      done: after.doneIds.join(" "),
      ...((after.earned.length > 0 || before.earned.length > 0) && { earned: after.earned.join(" ") }),
      percent: after.mark?.percent ?? 0,
      total: after.mark?.total ?? 0,
      markedAt: after.mark?.at ?? 0,
      ...(after.lastLessonId !== before.lastLessonId && { lastLessonId: after.lastLessonId ?? "" }),
      ...(after.lastActivityAt !== undefined && { lastActivityAt: after.lastActivityAt }),
    })
    .where((attribute, is) =>
      before.version === 0 ? is.notExists(attribute.version) : is.eq(attribute.version, before.version),
    );

/** One step of a learner's history: the fact, if it is a new one, and the summary after it. */
export interface Step {
  readonly fact?: StoredFact;
  readonly after: Omit<Stored, "version">;
  readonly events?: readonly Write[];
}

/**
 * Applies one step to the stored summary, and retries after a concurrent write. `decide` gets the summary and returns
 * the step, or undefined when there is nothing to do.
 */
export async function step(place: Place, decide: (before: Stored) => Promise<Step | undefined>): Promise<Stored> {
  const name = `${mine().schoolId}|${place.courseId}|${place.userId}`;
  for (let attempt = 0; attempt < 10; attempt += 1) {
    // A remembered summary saves a read: its version proves it when the step is written. A "nothing to do" proves
    // nothing, so that is only believed of a summary read now.
    const remembered = attempt === 0 ? lately.get(name) : undefined;
    let before = remembered ?? (await readStored(place));
    let wanted = await decide(before);
    if (!wanted && remembered) {
      before = await readStored(place);
      wanted = await decide(before);
    }
    if (!wanted) {
      lately.set(name, before);
      return before;
    }
    const after: Stored = { ...wanted.after, version: before.version + 1 };
    const writes = [
      ...(wanted.fact ? [put(factItem(place, wanted.fact))] : []),
      update(summaryItem(place, before, after)),
      ...(wanted.events ?? []),
    ];
    if ((await transact(writes)) === "done") {
      lately.set(name, after);
      return after;
    }
    lately.delete(name);
    await sleep(Math.random() * Math.min(400, 5 * 2 ** attempt));
  }
  throw new DomainError("unavailable", "progress.busy", "Please try that again in a moment.", undefined, 1);
}

const lately = new LRUCache<string, Stored>({ max: 2_000, ttl: 60_000 });

/** The event of a course completed by this step, if it is. */
export const completed = (member: Membership, before: Standing, mark: Mark | undefined): Write[] =>
  mark?.percent === 100 && before.mark?.percent !== 100
    ? [
        put(
          Events.CourseCompleted.item({
            courseId: member.courseId,
            userId: member.userId,
            enrollmentId: member.enrollmentId,
          }),
        ),
      ]
    : [];

/**
 * Returns the learner's progress in the current course. When removed lessons raise the percentage, records it before it
 * is shown, so that a shown percentage never falls.
 */
export async function settle(
  member: Membership,
  stored: Stored,
  outline: Outline,
): Promise<{ stored: Stored; completion: Outcome }> {
  const seen = complete(stored, outline);
  if (seen.raw <= (stored.mark?.percent ?? 0)) return { stored, completion: seen };
  const settled = await step(member, async (before) => {
    const { raw, total } = complete(before, outline);
    if (raw <= (before.mark?.percent ?? 0)) return undefined;
    const at = Date.now();
    const mark = higher(before.mark, { percent: raw, total, at });
    return {
      fact: { kind: "raised", era: before.era, round: before.round, at, percent: raw, total },
      after: { ...before, mark },
      events: completed(member, before, mark),
    };
  });
  return { stored: settled, completion: complete({ ...settled, openedIds: stored.openedIds }, outline) };
}
