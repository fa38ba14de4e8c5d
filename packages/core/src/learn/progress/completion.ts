import type { completionRules } from "../course/course.sql.ts";

// The one rule of progress, as a pure function: the same facts and the same course give the same answer, whatever the
// facts' order and however often one is repeated.

export type CompletionRule = (typeof completionRules)[number];
/** Rules that a tick does not meet. */
export type Earned = Exclude<CompletionRule, "done">;

/** A published lesson of the course, in reading order. */
export interface RuleLesson {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  /** Title of its module. */
  readonly module: string;
  readonly minutes: number;
  readonly rule: CompletionRule;
}

export interface Rules {
  readonly lessons: readonly RuleLesson[];
}

/**
 * What a learner did. Facts are appended and never changed. `era` counts the audited resets before it; facts of older
 * eras do not count. `round` counts the lessons reopened before it in its era (absent: none): a lesson is done if it
 * was marked done in a later round than it was last reopened in. `percent` and `total` are the result in the course at
 * that time, so that lessons added later do not lower the percentage.
 */
export type Fact =
  | { readonly kind: "opened"; readonly era: number; readonly lessonId: string; readonly at: number }
  | {
      /** Reopened: the learner has taken the tick back. */
      readonly kind: "done" | "reopened" | "watched" | "passed" | "attended";
      readonly era: number;
      readonly round?: number;
      readonly lessonId: string;
      readonly at: number;
      readonly percent: number;
      readonly total: number;
    }
  /** Lessons were removed, and what was left counted for more. */
  | {
      readonly kind: "raised";
      readonly era: number;
      readonly round?: number;
      readonly at: number;
      readonly percent: number;
      readonly total: number;
    }
  | { readonly kind: "reset"; readonly era: number; readonly at: number };

/** The highest percentage since the last reset or reopened lesson, and the course's number of lessons then. */
export interface Mark {
  readonly percent: number;
  readonly total: number;
  readonly at: number;
}

/** Facts of the present era, condensed. The stored summary is a cache of this. */
export interface Standing {
  readonly era: number;
  /** Lessons reopened in this era. */
  readonly round: number;
  readonly doneIds: readonly string[];
  /** Facts other than ticks, as `watched:<lesson id>`. Of openings, a summary holds those that complete a lesson. */
  readonly earned: readonly string[];
  /** Undefined where only the summary was read, which does not know. */
  readonly openedIds?: readonly string[] | undefined;
  readonly mark: Mark | undefined;
}

export interface RemainingLesson {
  readonly lessonId: string;
  readonly slug: string;
  readonly title: string;
  readonly module: string;
  readonly minutes: number;
  /** In words: "Not opened yet.", or "Not marked done yet." where only the summary was read. */
  readonly reason: string;
}

export interface Outcome {
  /** Integer 0 to 100; 100 only when complete. */
  readonly percent: number;
  /** Every published lesson is done, or was at some moment since the last reset. */
  readonly completed: boolean;
  readonly remaining: readonly RemainingLesson[];
  /** Lessons that are done by their own rule. */
  readonly doneIds: readonly string[];
  /** Published lessons that are done, and all published lessons. */
  readonly done: number;
  readonly total: number;
  /** What done and total alone come to; below `percent` when the course has changed since. */
  readonly raw: number;
  readonly explanation: string;
}

/** Percentage and what is left, from facts and rules. */
export const completion = (facts: Iterable<Fact>, rules: Rules): Outcome => complete(standingOf(facts), rules);

/** Condenses facts to the learner's standing. Order and repetition make no difference. */
export function standingOf(facts: Iterable<Fact>): Standing {
  const all = [...facts];
  const era = all.reduce((highest, fact) => Math.max(highest, fact.kind === "reset" ? fact.era : 0), 0);
  const current = all.filter((fact) => fact.era === era);
  const reopened = current.flatMap((fact) => (fact.kind === "reopened" ? [fact] : []));
  const round = reopened.reduce((highest, fact) => Math.max(highest, roundOf(fact) + 1), 0);
  const reopenedIn = new Map<string, number>();
  for (const fact of reopened)
    reopenedIn.set(fact.lessonId, Math.max(reopenedIn.get(fact.lessonId) ?? -1, roundOf(fact)));
  const done = new Map<string, number>();
  const opened = new Set<string>();
  const earned = new Set<string>();
  let mark: Mark | undefined;
  let completion: Mark | undefined;
  for (const fact of current) {
    if (fact.kind === "reset") continue;
    if (fact.kind === "opened") {
      opened.add(fact.lessonId);
      earned.add(earnedKey("opened", fact.lessonId));
      continue;
    }
    if (fact.kind === "done" && roundOf(fact) > (reopenedIn.get(fact.lessonId) ?? -1))
      done.set(fact.lessonId, Math.min(done.get(fact.lessonId) ?? fact.at, fact.at));
    if (isEarned(fact)) earned.add(earnedKey(fact.kind, fact.lessonId));
    if (fact.percent === 0) continue;
    const reached = { percent: fact.percent, total: fact.total, at: fact.at };
    if (fact.percent === 100) completion = higher(completion, reached);
    if (roundOf(fact) + (fact.kind === "reopened" ? 1 : 0) === round) mark = higher(mark, reached);
  }
  const doneIds = [...done].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([id]) => id);
  return { era, round, doneIds, earned: [...earned].sort(), openedIds: [...opened].sort(), mark: completion ?? mark };
}

export const earnedKey = (kind: Earned, lessonId: string): string => `${kind}:${lessonId}`;

const isEarned = (fact: Fact): fact is Fact & { readonly kind: "watched" | "passed" | "attended"; lessonId: string } =>
  fact.kind === "watched" || fact.kind === "passed" || fact.kind === "attended";

const roundOf = (fact: { readonly round?: number }): number => fact.round ?? 0;

/**
 * Returns the mark after the learner has unticked a lesson: lower by one lesson's share, but not below the remaining
 * ticks. A completed course stays completed.
 */
export function lowered(
  mark: Mark | undefined,
  now: { readonly raw: number; readonly total: number },
  at: number,
): Mark {
  if (mark?.percent === 100) return mark;
  const kept = mark ? share(Math.round((mark.percent / 100) * mark.total) - 1, mark.total) : 0;
  return kept > now.raw && mark ? { percent: kept, total: mark.total, at } : { percent: now.raw, total: now.total, at };
}

/** Returns the higher of two marks; of equal ones the earlier, so that later additions can be named. */
export function higher(a: Mark | undefined, b: Mark): Mark {
  if (!a) return b;
  if (a.percent !== b.percent) return a.percent > b.percent ? a : b;
  if (a.at !== b.at) return a.at < b.at ? a : b;
  return a.total <= b.total ? a : b;
}

/** Applies the rules of the current course to the learner's standing. */
export function complete(standing: Standing, rules: Rules): Outcome {
  const doneIds = new Set(standing.doneIds);
  const openedIds = standing.openedIds && new Set(standing.openedIds);
  const earned = new Set(standing.earned);
  const isDone = ({ id, rule }: RuleLesson): boolean =>
    rule === "done"
      ? doneIds.has(id)
      : earned.has(earnedKey(rule, id)) || (rule === "opened" && (openedIds?.has(id) ?? false));
  const total = rules.lessons.length;
  const left = rules.lessons.filter((lesson) => !isDone(lesson));
  const done = total - left.length;
  const raw = share(done, total);
  const percent = Math.max(raw, standing.mark?.percent ?? 0);
  const completed = percent === 100;
  const remaining = left.map((lesson) => ({
    lessonId: lesson.id,
    slug: lesson.slug,
    title: lesson.title,
    module: lesson.module,
    minutes: lesson.minutes,
    reason: whyLeft(lesson.rule, openedIds?.has(lesson.id)),
  }));
  const others = rules.lessons.filter(({ rule }) => rule !== "done");
  const otherIds = new Set(others.map(({ id }) => id));
  const byRule = [...standing.doneIds.filter((id) => !otherIds.has(id)), ...others.filter(isDone).map(({ id }) => id)];
  const answer = { percent, completed, remaining, doneIds: byRule, done, total, raw };
  return { ...answer, explanation: explain(answer, standing.mark) };
}

/**
 * Returns the integer percentage of lessons done: never 100 while one is left, never 0 once one is done. A course
 * without lessons is not complete.
 */
export function share(done: number, total: number): number {
  if (total === 0 || done <= 0) return 0;
  if (done >= total) return 100;
  return Math.min(99, Math.max(1, Math.round((done / total) * 100)));
}

function explain(answer: Omit<Outcome, "explanation">, mark: Mark | undefined): string {
  const { percent, completed, remaining, done, total, raw } = answer;
  if (total === 0) {
    return completed ? "You have completed this course. It has no lessons now." : "This course has no lessons yet.";
  }
  const added = Math.max(0, total - (mark?.total ?? total));
  if (completed && remaining.length === 0) {
    return total === 1 ? "You have finished the only lesson." : `You have finished all ${total} lessons.`;
  }
  if (completed) {
    const since = added > 0 ? `${count(added, "new lesson was", "new lessons were")} added since. ` : "";
    return `You have completed this course, and it stays completed. ${since}${leftInWords(remaining)}`;
  }
  if (percent > raw) {
    const since =
      added > 0 ? `${count(added, "new lesson was", "new lessons were")} added since` : "the course has changed since";
    return `You have finished ${done} of ${count(total, "lesson", "lessons")}. You had reached ${percent} %, and ${since}; what you reached stays. ${leftInWords(remaining)}`;
  }
  if (done === 0) return `You have not finished a lesson yet. ${leftInWords(remaining)}`;
  return `You have finished ${done} of ${count(total, "lesson", "lessons")} (${percent} %). ${leftInWords(remaining)}`;
}

const numbers = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"];

function leftInWords(remaining: readonly RemainingLesson[]): string {
  const n = remaining.length;
  const [only] = remaining;
  if (n === 1 && only) return `One is left: “${only.title}”.`;
  const head = `${numbers[n] ?? n} are left`;
  const named = remaining.slice(0, 3).map((lesson) => `“${lesson.title}”`);
  if (n <= 3) return `${head}: ${named.slice(0, -1).join(", ")} and ${named.at(-1)}.`;
  return `${head}; the next is ${named[0]}.`;
}

const missing: Readonly<Record<CompletionRule, string>> = {
  done: "marked done",
  opened: "opened",
  watched: "watched to the end",
  passed: "passed",
  attended: "attended",
};

const whyLeft = (rule: CompletionRule, opened: boolean | undefined): string =>
  opened === false
    ? "Not opened yet."
    : opened && rule !== "opened"
      ? `Opened, not ${missing[rule]} yet.`
      : `Not ${missing[rule]} yet.`;

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
