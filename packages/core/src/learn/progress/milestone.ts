import * as z from "zod";
import { fn } from "../../kernel/fn/index.ts";
import { complete, standingOf } from "./completion.ts";
import { readOutline } from "./outline.ts";
import { readFacts } from "./store.ts";

/** In a shorter course a milestone on the way is of no use. */
const fewest = 6;

/**
 * Returns the milestone if this lesson brought the learner past the middle of the course, else null. Computed from the
 * facts, so the answer stays the same until a reset.
 */
export const milestone = fn.system(
  "only the consumer of lesson.completed calls it, as the system",
  z.object({ courseId: z.string(), userId: z.string(), lessonId: z.string() }),
  async ({ courseId, userId, lessonId }) => {
    const facts = await readFacts({ courseId, userId });
    const { era, round, doneIds, earned } = standingOf(facts);
    const done = facts.filter((fact) => fact.kind === "done" && fact.era === era);
    // A lesson that was reopened and done again has been the middle before.
    if (done.filter((fact) => "lessonId" in fact && fact.lessonId === lessonId).length > 1) return null;
    const middle = done.filter((fact) => "percent" in fact && fact.percent >= 50).sort((a, b) => a.at - b.at)[0];
    if (middle?.kind !== "done" || middle.lessonId !== lessonId || middle.percent === 100 || middle.total < fewest)
      return null;
    const outline = await readOutline(courseId);
    if (!outline) return null;
    const { remaining } = complete({ era, round, doneIds, earned, mark: undefined }, outline);
    if (remaining.length === 0) return null;
    return {
      title: outline.title,
      slug: outline.slug,
      left: remaining.length,
      minutesLeft: remaining.reduce((sum, lesson) => sum + lesson.minutes, 0),
    };
  },
);
