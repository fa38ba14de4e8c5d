import { Actor } from "../../kernel/actor/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { Url } from "../../kernel/url/index.ts";
import { count, duration } from "../../talk/letter/index.ts";
import { defineNotification } from "../../talk/notify/index.ts";
import * as Enrollment from "../enrollment/index.ts";
import { enrolledMail } from "./mail.ts";
import { milestone } from "./milestone.ts";
import { Events } from "./progress.event.ts";
import * as Letters from "./progress.letters.ts";

/** Says that a learner is in a course, and where it begins. */
export const enrolled = defineNotification({
  name: "enrolled",
  on: Enrollment.Events.Created,
  category: "news",
  to: async ({ data }) => {
    const about = await enrolledMail({ enrollmentId: data.enrollmentId });
    if (!about) return [];
    const { course, first } = about;
    const path = first ? pathTo.lesson(course.slug, first.slug) : pathTo.progress(course.slug);
    return [{ ...about.to, ...about, path }];
  },
  mail: ({ to, course, first, isByStaff, path }) => {
    const school = Actor.useSchool();
    return Letters.enrolled({
      ...{ to, school: school.name, course, first: first?.title ?? null, isByStaff },
      href: Url.schoolUrl(school, path),
      leaveHref: Url.schoolUrl(school, pathTo.progress(course.slug)),
    });
  },
  feed: ({ course, first, path }) => ({
    title: `You are enrolled in ${course.title}`,
    body: first ? `It begins with “${first.title}”.` : "",
    href: path,
  }),
});

/** For the lesson that brings a learner past the middle of a course. */
export const halfway = defineNotification({
  name: "halfway",
  on: Events.LessonCompleted,
  category: "news",
  to: async ({ data: { courseId, userId, lessonId } }) => {
    const passed = await milestone({ courseId, userId, lessonId });
    return passed ? [{ userId, ...passed }] : [];
  },
  feed: ({ title, left, minutesLeft, slug }) => ({
    title: `Half of ${title} is done`,
    body: `${count(left, "lesson is", "lessons are")} left, about ${duration(minutesLeft)}.`,
    href: pathTo.progress(slug),
  }),
});
