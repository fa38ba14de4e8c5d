import { pathTo } from "@lectern/core/kernel/path";
import * as Progress from "@lectern/core/learn/progress";
import * as Notify from "@lectern/core/talk/notify";
import { count, duration } from "../../mail/letter.ts";
import { consumer } from "../consumer.ts";

/** One quiet word on the way: the lesson that brings a learner past the middle of a course says so in their feed. */
export const halfway = consumer("halfway", Progress.Events.LessonCompleted, async (event) => {
  const { courseId, userId, lessonId } = event.data;
  const milestone = await Progress.milestone({ courseId, userId, lessonId });
  if (!milestone) return;
  await Notify.push({
    eventId: event.id,
    userId,
    type: event.type,
    title: `Half of ${milestone.title} is done`,
    body: `${count(milestone.left, "lesson is", "lessons are")} left, about ${duration(milestone.minutesLeft)}.`,
    href: pathTo.progress(milestone.slug),
    at: Date.parse(event.occurredAt),
  });
});
