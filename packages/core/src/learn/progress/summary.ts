import * as z from "zod";
import { complete, type Outcome, type RuleLesson, type Standing } from "./completion.ts";
import type { Outline } from "./outline.ts";

export const Remaining = z.object({
  lessonId: z.string(),
  slug: z.string(),
  title: z.string(),
  /** Title of the module. */
  module: z.string(),
  minutes: z.number().int(),
  /** In words. */
  reason: z.string(),
});

export const Resume = z.object({
  lessonId: z.string(),
  slug: z.string(),
  title: z.string(),
  module: z.string(),
  /** Of this lesson. */
  minutes: z.number().int(),
  /** Of everything that is left. */
  minutesLeft: z.number().int(),
});
export type Resume = z.infer<typeof Resume>;

/** A learner's progress in a course, and why. */
export const Summary = z.object({
  courseId: z.string(),
  /** Integer 0 to 100; 100 only when complete. */
  percent: z.number().int(),
  completed: z.boolean(),
  doneLessonIds: z.array(z.string()),
  done: z.number().int(),
  total: z.number().int(),
  remaining: z.array(Remaining),
  minutesLeft: z.number().int(),
  /** Where to go on; null when nothing is left. */
  resume: Resume.nullable(),
  explanation: z.string(),
});
export type Summary = z.infer<typeof Summary>;

interface Reading extends Standing {
  readonly lastLessonId: string | undefined;
}

export function toSummary(reading: Reading, outline: Outline, outcome: Outcome = complete(reading, outline)): Summary {
  const { percent, completed, done, total, explanation } = outcome;
  return {
    courseId: outline.courseId,
    percent,
    completed,
    doneLessonIds: [...outcome.doneIds],
    done,
    total,
    remaining: outcome.remaining.map((lesson) => ({ ...lesson })),
    minutesLeft: minutesOf(outcome.remaining),
    resume: resumeOf(reading, outline, outcome),
    explanation,
  };
}

/** The lesson last opened unless it is done; then the next one left after it, from the start again at the end. */
export function resumeOf(reading: Reading, { lessons }: Outline, outcome: Outcome): Resume | null {
  const left = new Set(outcome.remaining.map((lesson) => lesson.lessonId));
  const last = lessons.findIndex((lesson) => lesson.id === reading.lastLessonId);
  const from = Math.max(0, last);
  const next = [...lessons.slice(from), ...lessons.slice(0, from)].find((lesson) => left.has(lesson.id));
  return next ? { ...pick(next), minutesLeft: minutesOf(outcome.remaining) } : null;
}

const pick = ({ id, slug, title, module, minutes }: RuleLesson) => ({ lessonId: id, slug, title, module, minutes });

const minutesOf = (lessons: readonly { readonly minutes: number }[]): number =>
  lessons.reduce((sum, lesson) => sum + lesson.minutes, 0);
