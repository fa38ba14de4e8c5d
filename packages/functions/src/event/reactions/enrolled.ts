import { Actor } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import * as Enrollment from "@lectern/core/learn/enrollment";
import * as Progress from "@lectern/core/learn/progress";
import * as Notify from "@lectern/core/talk/notify";
import * as Letters from "../../mail/letters/learning.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** Tells a learner that they are in a course and where it begins. */
export const enrolled = consumer("enrolled", Enrollment.Events.Created, async (event) => {
  const about = await Progress.enrolledMail({ enrollmentId: event.data.enrollmentId });
  if (!about) return;
  const { to, course, first, isByStaff } = about;
  const school = Actor.useSchool();
  const path = first ? pathTo.lesson(course.slug, first.slug) : pathTo.progress(course.slug);
  await Notify.push({
    eventId: event.id,
    userId: to.userId,
    type: event.type,
    title: `You are enrolled in ${course.title}`,
    body: first ? `It begins with “${first.title}”.` : "",
    href: path,
    at: Date.parse(event.occurredAt),
  });
  await sendOnce({
    template: "enrolled",
    event,
    to: to.email,
    write: async () =>
      Letters.enrolled({
        to,
        school: school.name,
        course,
        first: first?.title ?? null,
        isByStaff,
        href: Url.schoolUrl(school, path),
        leaveHref: Url.schoolUrl(school, pathTo.progress(course.slug)),
      }),
  });
});
